use b1_servicelayer::edm::EdmValue;
use b1_servicelayer::{EntityType, Key, RawJson, Version};
use erplink_sync::map::at;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::place::KeyType;

/// An entity as the server sent it. What has none of these keys is something else's answer.
#[derive(Clone, Debug)]
pub(crate) struct Made(pub RawJson);

const KEYS: [&str; 5] = ["DocEntry", "CardCode", "ItemCode", "Code", "AbsoluteEntry"];

impl EdmValue for Made {
    fn write<S: Serializer>(&self, _: Version, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        RawJson::deserialize(deserializer).map(Self)
    }
}

impl EntityType for Made {
    type Key = Key;
    const KEY_PROPERTIES: &'static [&'static str] = &["DocEntry"];
    const VERSIONED: bool = false;

    fn key(&self) -> Option<Key> {
        let value = KEYS.iter().find_map(|name| at(name, &self.0).ok().flatten());
        KeyType::Auto.key(&value?)
    }
}
