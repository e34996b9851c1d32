//! The faces: those that the product brings (Latin, Greek, Cyrillic, Hebrew, Arabic, emoji in one colour), and those of this machine
//! for what is too large to bring (Chinese, Japanese, Korean and many more).

use parley::fontique::{Blob, Collection, CollectionOptions};
use std::{path::PathBuf, sync::Arc};

/// Family of the product's own words.
pub(super) const TEXT: &str = "Noto Sans";

/// What is embedded; where each is from: `fonts/README.md`.
const EMBEDDED: [&[u8]; 5] = [
    include_bytes!("../fonts/NotoSans-Regular.ttf"),
    include_bytes!("../fonts/NotoSans-SemiBold.ttf"),
    include_bytes!("../fonts/NotoSansHebrew-Regular.ttf"),
    include_bytes!("../fonts/Vazirmatn-NL-Regular.ttf"),
    include_bytes!("../fonts/NotoEmoji-Regular.ttf"),
];

/// Families asked first, in this order, where they are there; then all others by name.
const PREFERRED: [&str; 14] = [
    TEXT,
    "Noto Sans Hebrew",
    "Vazirmatn NL",
    "Noto Color Emoji",
    "Noto Emoji",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "Noto Sans CJK KR",
    "Noto Sans KR",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
    "Droid Sans Fallback",
];

/// Letters of scripts that customers write in.
pub(super) const SAMPLES: [(&str, &str); 9] = [
    ("Latin", "aÑçŀ"),
    ("Arabic", "مرحبا"),
    ("Hebrew", "שלום"),
    ("emoji", "😊"),
    ("Chinese", "你好"),
    ("Japanese", "こカ"),
    ("Korean", "한국"),
    ("Devanagari", "नम"),
    ("Thai", "สวัส"),
];

/// All faces, and in which order they are asked for a letter.
#[derive(Clone)]
pub(super) struct Fonts {
    pub(super) collection: Collection,
    pub(super) families: Vec<String>,
}

impl Fonts {
    /// The embedded ones, and those in these folders and the folders inside; a folder that is not there holds none.
    pub(super) fn load(folders: &[PathBuf]) -> Self {
        let mut collection = Collection::new(CollectionOptions { shared: false, system_fonts: false });
        collection.load_fonts_from_paths(folders.iter().filter(|folder| folder.is_dir()));
        for face in EMBEDDED {
            collection.register_fonts(Blob::new(Arc::new(face)), None);
        }
        let mut others: Vec<String> = collection.family_names().map(str::to_owned).collect();
        others.sort_unstable();
        others.dedup();
        let preferred = PREFERRED.iter().filter(|family| others.iter().any(|other| other == *family)).map(|family| (*family).to_owned());
        let mut families: Vec<String> = preferred.collect();
        others.retain(|family| !PREFERRED.contains(&family.as_str()));
        families.extend(others);
        Self { collection, families }
    }
}
