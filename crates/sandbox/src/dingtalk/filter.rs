//! Subscription filters (事件过滤规则): globs over the path of an event's resource.

/// Whether `glob` covers the whole of `path`.
///
/// `*` stands for any characters except `/`, `**` also for `/`, `{a,b}` for one of the alternatives.
pub(super) fn matches(glob: &str, path: &str) -> bool {
    alternatives(glob).iter().any(|glob| covers(glob.as_bytes(), path.as_bytes()))
}

/// The globs without braces that a glob with braces stands for.
fn alternatives(glob: &str) -> Vec<String> {
    let Some((before, rest)) = glob.split_once('{') else { return vec![glob.to_owned()] };
    let Some((choices, after)) = rest.split_once('}') else { return vec![glob.to_owned()] };
    let tails = alternatives(after);
    choices
        .split(',')
        .flat_map(|choice| tails.iter().map(move |tail| format!("{before}{}{tail}", choice.trim())))
        .collect()
}

fn covers(glob: &[u8], path: &[u8]) -> bool {
    match glob {
        [] => path.is_empty(),
        [b'*', b'*', rest @ ..] => {
            (0..=path.len()).any(|end| path.get(end..).is_some_and(|path| covers(rest, path)))
        }
        [b'*', rest @ ..] => {
            let segment = path.iter().position(|byte| *byte == b'/').unwrap_or(path.len());
            (0..=segment).any(|end| path.get(end..).is_some_and(|path| covers(rest, path)))
        }
        [first, rest @ ..] => {
            path.split_first().is_some_and(|(byte, path)| byte == first && covers(rest, path))
        }
    }
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
}
