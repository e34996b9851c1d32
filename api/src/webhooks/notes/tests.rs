//! The notebook of both engines, as workers use it.

use super::{Attempt, Changes, Of, Place, attempts, begin, blank_answers, forget, forget_attempts, pages, statements::TRIED, take};
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;
use uuid::Uuid;
use vitrina_domain::{
    connection::ProcessId,
    ids::{AccountId, EventId, WebhookId},
};
use vitrina_projections::sql::notebook::{Group, Notebook};

/// A notebook of each engine that is there.
pub(super) async fn notebooks() -> Vec<Notebook> {
    let folder = std::env::temp_dir().join(format!("vitrina-notes-{}", Uuid::now_v7()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut notebooks = vec![Notebook::sqlite(&folder).await.unwrap()];
    // It stays open without its name.
    std::fs::remove_dir_all(&folder).unwrap();
    if let Ok(url) = std::env::var("VITRINA_TEST_DATABASE_URL") {
        notebooks.push(Notebook::postgres(&url).await.unwrap());
    }
    notebooks
}

/// An endpoint that this test holds.
struct Held {
    notebook: Notebook,
    of: Of,
    own: ProcessId,
    place: Place,
}

impl Held {
    async fn of_each_engine() -> Vec<Self> {
        let mut all = Vec::new();
        for notebook in notebooks().await {
            let of = Of { account: AccountId(Uuid::now_v7()), webhook: WebhookId(Uuid::now_v7()) };
            let own = ProcessId::new(7);
            begin(&notebook, of, 0).await.unwrap();
            let place = take(&notebook, of, own, None).await.unwrap().expect("nobody holds it");
            all.push(Self { notebook, of, own, place });
        }
        all
    }

    async fn write(&self, told: impl IntoIterator<Item = Attempt>, kept: Option<i64>) {
        let mut changes = Changes::default();
        told.into_iter().for_each(|attempt| changes.tried(attempt));
        if let Some(kept) = kept {
            changes.trim(self.of, kept);
        }
        let group = changes.group(self.of, self.own, self.place);
        assert_eq!(self.notebook.write(&Arc::new(vec![group])).await.unwrap(), [true]);
    }

    async fn read(&self, position: Option<i64>, before: i64, limit: u32) -> Vec<Attempt> {
        attempts(&self.notebook, self.of, position, at(before), limit).await.unwrap()
    }
}

fn at(n: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap() + TimeDelta::milliseconds(n)
}

fn tried(n: i64) -> Attempt {
    Attempt {
        position: 100 + n % 90,
        tried_at: at(n),
        event_id: EventId(Uuid::from_u128(n as u128)),
        attempt: 1,
        status: (n % 3 > 0).then_some(200),
        failure: (n % 3 == 0).then(|| "no answer within 20 s".to_owned()),
        latency_us: n,
        answer: if n % 7 == 0 { format!("no {n}") } else { String::new() },
    }
}

/// Written as they come, some of them long after they were begun.
async fn some(held: &Held) -> Vec<Attempt> {
    let mut all: Vec<_> = (0..600).map(tried).collect();
    let (late, soon): (Vec<_>, Vec<_>) = all.iter().cloned().partition(|one| one.latency_us % 50 == 13);
    for few in soon.chunks(170) {
        held.write(few.to_vec(), None).await;
    }
    held.write(late, None).await;
    all.reverse();
    all
}

#[tokio::test]
async fn attempts_are_read_the_newest_first_page_by_page_however_they_were_written() {
    for held in Held::of_each_engine().await {
        let all = some(&held).await;
        assert_eq!(held.read(None, 1_000, 1_000).await, all);
        let (mut paged, mut before) = (Vec::new(), 1_000);
        loop {
            let page = held.read(None, before, 37).await;
            let Some(last) = page.last() else { break };
            before = (last.tried_at - at(0)).num_milliseconds();
            paged.extend(page);
        }
        assert_eq!(paged, all);
        let of_one: Vec<_> = all.iter().filter(|one| one.position == 163).cloned().collect();
        assert_eq!((of_one.len(), held.read(Some(163), 1_000, 100).await), (6, of_one));
        forget(&held.notebook, held.of).await.unwrap();
    }
}

#[tokio::test]
async fn old_attempts_go_answers_go_before_them_and_only_the_newest_stay() {
    for held in Held::of_each_engine().await {
        let mut all = some(&held).await;
        blank_answers(&held.notebook, held.of).await.unwrap();
        all.iter_mut().for_each(|one| one.answer.clear());
        assert_eq!(held.read(None, 1_000, 1_000).await, all);
        held.write([tried(600)], Some(200)).await;
        let kept = held.read(None, 1_000, 1_000).await;
        assert!((200..=300).contains(&kept.len()), "{}", kept.len());
        assert_eq!(kept[1..150], all[..149]);
        forget_attempts(&held.notebook, held.of, at(2_000)).await.unwrap();
        assert_eq!(held.read(None, 1_000, 1_000).await, []);
        forget(&held.notebook, held.of).await.unwrap();
    }
}

/// Each statement has some seconds: one that goes through what it forgets once for each row comes to nothing.
#[tokio::test]
async fn an_endpoint_with_a_row_for_each_of_very_many_attempts_is_forgotten() {
    for held in Held::of_each_engine().await {
        let rows = (0..60_000).flat_map(|n| pages::rows(held.of, vec![tried(n)])).collect();
        let fence = Changes::default().group(held.of, held.own, held.place).fence;
        let group = Group { fence, changes: vec![(TRIED, rows)] };
        assert_eq!(held.notebook.write(&Arc::new(vec![group])).await.unwrap(), [true]);
        forget(&held.notebook, held.of).await.unwrap();
        assert_eq!(held.read(None, 1_000_000, 10).await, []);
    }
}
