//! The form of an instance: values come in one encoding and go out in another.

mod read;
mod write;

pub(super) use read::read;
pub(super) use write::{Known, accept, by_hand};

use super::template::Component;

/// Finds the component an entry means: by `id`, by `bizAlias`, by the label.
fn find<'a>(
    components: &'a [Component],
    id: Option<&str>,
    biz_alias: Option<&str>,
    label: Option<&str>,
) -> Option<&'a Component> {
    let by = |matches: &dyn Fn(&Component) -> bool| components.iter().find(|one| matches(one));
    match (id, biz_alias, label) {
        (Some(id), _, _) => by(&|one| one.id == id),
        (None, Some(alias), _) => by(&|one| one.biz_alias == alias),
        (None, None, Some(label)) => by(&|one| same_label(&one.label, label)),
        (None, None, None) => None,
    }
}

/// Labels are compared exactly; those of range components, which are JSON text, by their content.
fn same_label(one: &str, other: &str) -> bool {
    let list = |text: &str| serde_json::from_str::<Vec<String>>(text).ok();
    one == other || list(one).is_some_and(|labels| Some(labels) == list(other))
}
