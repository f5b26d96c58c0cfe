//! Subscription filters (事件过滤规则): globs over the path of an event's resource.

use std::collections::BTreeSet;

/// Whether `glob` covers the whole of `path`.
///
/// `*` stands for any characters except `/`, `**` also for `/`, `{a,b}` for one of the alternatives.
pub(super) fn matches(glob: &str, path: &str) -> bool {
    ends(glob, path.as_bytes(), Ends::from([0])).contains(&path.len())
}

/// Places in a path. A set of them takes all ways through a glob at once, so that no glob is slow.
type Ends = BTreeSet<usize>;

/// Where in `path` the glob may end when it begins at one of `starts`.
fn ends(glob: &str, path: &[u8], starts: Ends) -> Ends {
    let mut at = starts;
    let mut rest = glob;
    while let Some(first) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("**") {
            at = at.first().map_or_else(Ends::new, |first| (*first..=path.len()).collect());
            rest = after;
        } else if let Some(after) = rest.strip_prefix('*') {
            at = at.into_iter().flat_map(|start| start..=segment_end(path, start)).collect();
            rest = after;
        } else if let Some((choices, after)) =
            rest.strip_prefix('{').and_then(|rest| rest.split_once('}'))
        {
            let choices = choices.split(',').map(str::trim);
            at = choices.flat_map(|choice| ends(choice, path, at.clone())).collect();
            rest = after;
        } else {
            let (literal, after) = rest.split_at(first.len_utf8());
            let literal = literal.as_bytes();
            at.retain(|start| path.get(*start..).is_some_and(|path| path.starts_with(literal)));
            at = at.into_iter().map(|start| start.saturating_add(literal.len())).collect();
            rest = after;
        }
    }
    at
}

/// The place of the next `/`, or the end.
fn segment_end(path: &[u8], start: usize) -> usize {
    let rest = path.get(start..).unwrap_or_default();
    rest.iter().position(|byte| *byte == b'/').map_or(path.len(), |length| start + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "/v1.0/event/bpms_instance_change/processCode/PROC-1/type/finish";

    #[test]
    fn a_star_stays_within_its_segment_and_two_stars_do_not() {
        assert!(matches("/v1.0/event/bpms_instance_change/processCode/*/type/finish", PATH));
        assert!(matches("/v1.0/event/**", PATH));
        assert!(!matches("/v1.0/event/*", PATH));
        assert!(!matches("/v1.0/event/bpms_instance_change/processCode/*/type/start", PATH));
    }

    #[test]
    fn braces_offer_alternatives() {
        let glob =
            "/v1.0/event/bpms_instance_change/processCode/{PROC-1,PROC-2}/type/{finish,terminate}";
        assert!(matches(glob, PATH));
        assert!(!matches(glob, &PATH.replace("PROC-1", "PROC-3")));
        assert!(matches(glob, &PATH.replace("finish", "terminate")));
    }

    #[test]
    fn no_glob_is_slow() {
        assert!(!matches(&"**a".repeat(200), PATH));
        assert!(!matches(&"{p,pr,pro}".repeat(200), PATH));
        assert!(!matches("/v1.0/event/{open", PATH));
    }
}
