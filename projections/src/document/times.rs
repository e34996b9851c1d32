//! Dates, times, durations, sizes, shares and amounts, as the four languages write them.

use chrono::{DateTime, Datelike, Offset, Utc};
use chrono_tz::Tz;
use vitrina_domain::{locale::Locale, metrics::share::Share, money::Money};

const MONTHS: [[&str; 12]; 4] = [
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
    ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"],
    ["janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"],
    ["gener", "febrer", "març", "abril", "maig", "juny", "juliol", "agost", "setembre", "octubre", "novembre", "desembre"],
];

/// A month as a title: `November 2026`.
pub(crate) fn month(at: DateTime<Utc>, zone: Tz, locale: Locale) -> String {
    let day = at.with_timezone(&zone).date_naive();
    let (month, year) = (MONTHS[locale as usize][day.month0() as usize], day.year());
    // All names of months begin with a letter that has one capital.
    let (first, rest) = month.split_at(1);
    let month = first.to_uppercase() + rest;
    match locale {
        Locale::En => format!("{month} {year}"),
        Locale::Es | Locale::Pt | Locale::Ca => format!("{month} de {year}"),
    }
}

/// A day: `22 November 2026`.
pub(crate) fn day(at: DateTime<Utc>, zone: Tz, locale: Locale) -> String {
    let day = at.with_timezone(&zone).date_naive();
    let month = MONTHS[locale as usize][day.month0() as usize];
    let (number, year) = (day.day(), day.year());
    match locale {
        Locale::En => format!("{number} {month} {year}"),
        Locale::Es | Locale::Pt => format!("{number} de {month} de {year}"),
        Locale::Ca if month.starts_with(['a', 'o']) => format!("{number} d’{month} de {year}"),
        Locale::Ca => format!("{number} de {month} de {year}"),
    }
}

/// A time of the day: `17:04:09`.
pub(crate) fn time(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%H:%M:%S").to_string()
}

/// A day and a time.
pub(crate) fn moment(at: DateTime<Utc>, zone: Tz, locale: Locale) -> String {
    format!("{}, {}", day(at, zone, locale), time(at, zone))
}

/// The zone with its distance from UTC at that instant: `Europe/Madrid (UTC+01:00)`.
pub(crate) fn zone(at: DateTime<Utc>, zone: Tz) -> String {
    let offset = at.with_timezone(&zone).offset().fix();
    format!("{} (UTC{offset})", zone.name())
}

/// Seconds: `1 h 02 min 05 s`.
pub(crate) fn duration(seconds: i64) -> String {
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{rest} s"),
        (0, _) => format!("{minutes} min {rest:02} s"),
        _ => format!("{hours} h {minutes:02} min {rest:02} s"),
    }
}

/// A size: `1.2 MB`, in powers of a thousand as shops' customers know them.
pub(crate) fn size(bytes: u64, locale: Locale) -> String {
    let units = ["kB", "MB", "GB"];
    if bytes < 1_000 {
        return format!("{bytes} B");
    }
    let (mut tenths, mut unit) = (bytes / 100, 0);
    while tenths >= 10_000 && unit + 1 < units.len() {
        (tenths, unit) = (tenths / 1_000, unit + 1);
    }
    format!("{}{}{} {}", tenths / 10, point(locale), tenths % 10, units[unit])
}

/// A share: `42.5 %`, with the mark of the language.
pub(crate) fn percent(share: Share, locale: Locale) -> String {
    let tenths = share.tenths();
    format!("{}{}{} %", tenths / 10, point(locale), tenths % 10)
}

/// A score with its sign and one decimal: `+42.5`; nothing has none.
pub(crate) fn signed(score: f64, locale: Locale) -> String {
    let text = if score.abs() < 0.05 { "0.0".to_owned() } else { format!("{score:+.1}") };
    text.replace('-', "−").replace('.', if point(locale) == '.' { "." } else { "," })
}

/// An amount with its currency's code, which means the same everywhere: `1.234,50 EUR`.
pub(crate) fn amount(money: &Money, locale: Locale) -> String {
    let digits = money.digits();
    let unit = 10_u64.pow(digits);
    let whole = (money.amount.unsigned_abs() / unit).to_string();
    let group = if point(locale) == '.' { ',' } else { '.' };
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(group);
        }
        grouped.push(digit);
    }
    let sign = if money.amount < 0 { "−" } else { "" };
    let behind = match digits {
        0 => String::new(),
        _ => format!("{}{:0width$}", point(locale), money.amount.unsigned_abs() % unit, width = digits as usize),
    };
    format!("{sign}{grouped}{behind} {}", money.currency)
}

const fn point(locale: Locale) -> char {
    match locale {
        Locale::En => '.',
        Locale::Es | Locale::Pt | Locale::Ca => ',',
    }
}

#[cfg(test)]
mod tests {
    use super::{amount, day, duration, month, signed, size, time, zone};
    use chrono::{DateTime, Utc};
    use chrono_tz::Tz;
    use vitrina_domain::{locale::Locale, money::Money};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    #[test]
    fn days_are_those_of_the_zone_and_of_the_language() {
        let late = at("2026-04-30T22:30:00Z");
        assert_eq!(day(late, Tz::Europe__Madrid, Locale::Es), "1 de mayo de 2026");
        assert_eq!(day(late, Tz::UTC, Locale::Ca), "30 d’abril de 2026");
        assert_eq!(day(late, Tz::America__Lima, Locale::En), "30 April 2026");
        assert_eq!(time(late, Tz::Asia__Kathmandu), "04:15:00");
    }

    #[test]
    fn the_zone_tells_its_distance_on_both_sides_of_a_clock_change() {
        assert_eq!(zone(at("2026-03-29T00:59:59Z"), Tz::Europe__Madrid), "Europe/Madrid (UTC+01:00)");
        assert_eq!(zone(at("2026-03-29T01:00:00Z"), Tz::Europe__Madrid), "Europe/Madrid (UTC+02:00)");
    }

    #[test]
    fn months_are_titles_and_scores_have_signs() {
        assert_eq!(month(at("2026-03-31T22:30:00Z"), Tz::Europe__Madrid, Locale::Ca), "Abril de 2026");
        let scores = [-33.333, -0.04, 0.0, 100.0].map(|score| signed(score, Locale::Es));
        assert_eq!(scores, ["−33,3", "0,0", "0,0", "+100,0"]);
    }

    #[test]
    fn amounts_have_the_digits_of_their_currency_and_the_marks_of_the_language() {
        let of = |amount, currency: &str| Money { amount, currency: currency.into() };
        assert_eq!(amount(&of(123_450, "EUR"), Locale::Es), "1.234,50 EUR");
        assert_eq!(amount(&of(-5, "USD"), Locale::En), "−0.05 USD");
        assert_eq!(amount(&of(1_234_567, "CLP"), Locale::Pt), "1.234.567 CLP");
        assert_eq!(amount(&of(i64::MIN, "KWD"), Locale::En), "−9,223,372,036,854,775.808 KWD");
    }

    #[test]
    fn durations_and_sizes_are_short() {
        assert_eq!([duration(59), duration(61), duration(3_725)], ["59 s", "1 min 01 s", "1 h 02 min 05 s"]);
        assert_eq!(size(999, Locale::En), "999 B");
        assert_eq!(size(12_345, Locale::Es), "12,3 kB");
        assert_eq!(size(104_857_600, Locale::En), "104.8 MB");
    }
}
