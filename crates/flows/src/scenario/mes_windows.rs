use std::time::Duration;

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use serde::Deserialize;

use super::pace::{CYCLE, MAX_DOCS, SETTLE, minutes};
use crate::config::shape::{Key, Shape, default, optional};
use crate::mes::Windows;

/// Which windows of time are read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct MesWindows {
    /// How far behind the present the windows end.
    pub lag_seconds: u64,
    /// How far each look goes back behind the last one.
    pub overlap_minutes: u64,
    /// How far the first look goes back.
    pub look_back_minutes: u64,
    /// The first day, at the first start, instead.
    pub start_date: Option<NaiveDate>,
}

impl Default for MesWindows {
    fn default() -> Self {
        Self { lag_seconds: 60, overlap_minutes: 10, look_back_minutes: 2, start_date: None }
    }
}

pub(super) const WINDOWS: &[Key] = &[
    CYCLE,
    MAX_DOCS,
    SETTLE,
    default(
        "lag_seconds",
        Shape::Integer(0, 3600),
        "60",
        "How far behind the present the windows of time end that are read.",
    ),
    default(
        "overlap_minutes",
        Shape::Integer(0, 1440),
        "10",
        "How far each look goes back behind the last one, for what reached the MES's lists late.",
    ),
    default(
        "look_back_minutes",
        Shape::Integer(1, 10_080),
        "2",
        "How far the first look goes back, at the first start.",
    ),
    optional("start_date", Shape::Day, "At the first start: from this day on, instead."),
];

impl MesWindows {
    pub(super) fn windows(&self) -> Windows {
        let windows = Windows::default()
            .lag(Duration::from_secs(self.lag_seconds))
            .overlap(minutes(self.overlap_minutes))
            .look_back(minutes(self.look_back_minutes));
        match self.start_date {
            // Days are those of China, where the factory is.
            Some(day) => {
                windows.since((day.and_time(NaiveTime::MIN) - TimeDelta::hours(8)).and_utc())
            }
            None => windows,
        }
    }
}
