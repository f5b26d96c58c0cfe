use async_trait::async_trait;
use blacklake_mes::decisions::material_steps;
use blacklake_mes::materials::MaterialImport;
use blacklake_mes::{Client, Enabled};
use erplink_core::RawJson;
use erplink_sync::map::{CheckedMap, MappedField, at};
use erplink_sync::ports::{Mapper, Outgoing, Pushed, Target};
use erplink_sync::{Document, Failure};
use serde::{Deserialize, Serialize};

use super::{SYSTEM, extras, failure};

/// Makes a material (物料) of an item: code, name, main unit, whether it has batches, and what a map
/// of the site's own adds or replaces.
#[derive(Clone, Debug, Default)]
pub struct MaterialMap(CheckedMap);

/// What goes to the MES.
#[derive(Debug, Serialize, Deserialize)]
struct Material {
    code: String,
    name: String,
    unit: String,
    has_batches: bool,
    is_valid: bool,
    more: Vec<MappedField>,
}

impl MaterialMap {
    /// `more` names members of the import call, such as `specification`.
    #[must_use]
    pub fn new(more: CheckedMap) -> Self {
        Self(more)
    }
}

fn text(path: &str, content: &RawJson) -> Result<Option<String>, Failure> {
    Ok(at(path, content)?.and_then(|value| value.get().ok()))
}

fn required(path: &str, content: &RawJson) -> Result<String, Failure> {
    let found = text(path, content)?.filter(|text| !text.trim().is_empty());
    found.ok_or_else(|| Failure::park(format!("the item has no `{path}`; a material needs it")))
}

impl Mapper for MaterialMap {
    fn map(&self, document: &Document) -> Result<RawJson, Failure> {
        let item = &document.content;
        let yes = |path: &str| Ok::<_, Failure>(text(path, item)?.as_deref() == Some("tYES"));
        let material = Material {
            code: required("Document.ItemCode", item)?,
            name: required("Document.ItemName", item)?,
            unit: required("Document.InventoryUOM", item)?,
            has_batches: yes("Document.ManageBatchNumbers")?,
            is_valid: text("Document.Valid", item)?.as_deref() != Some("tNO"),
            more: self.0.apply(item)?.main,
        };
        RawJson::of(&material).map_err(Failure::park)
    }
}

/// Imports materials; those of items that are not valid any more are stopped (停用) afterwards.
#[derive(Clone, Debug)]
pub struct ImportMaterial {
    mes: Client,
    restart: bool,
}

impl ImportMaterial {
    /// Into this MES.
    #[must_use]
    pub fn new(mes: Client) -> Self {
        Self { mes, restart: false }
    }

    /// Whether the stopped material of a valid item is started again (启用). By default it is not:
    /// people stop materials in the MES, too.
    #[must_use]
    pub fn restart(mut self, restart: bool) -> Self {
        self.restart = restart;
        self
    }

    async fn write(&self, material: Material) -> Result<(), blacklake_mes::Error> {
        let materials = self.mes.materials();
        let code = material.code.clone();
        let import = MaterialImport::new(material.code, material.name, material.unit)
            .biz_type("默认")
            .manufacture_quality(["合格"])
            .batch_managed(material.has_batches);
        let import =
            extras(material.more).fold(import, |import, (name, value)| import.extra(name, value));
        materials.import(&import).await?;
        if material.is_valid && !self.restart {
            return Ok(());
        }
        // The import says no id.
        let Some(found) = materials.find(&code).await? else {
            let message = format!("the material `{code}` was imported and is not in the list");
            return Err(blacklake_mes::Error::new(blacklake_mes::ErrorKind::NotFound, message));
        };
        let state = found.enable_flag.as_ref().map(|flag| flag.code);
        let steps = material_steps(material.is_valid, state, self.restart);
        if steps.stop && state != Some(Enabled::No) {
            materials.stop([found.id]).await?;
        }
        if steps.start {
            materials.start([found.id]).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Target for ImportMaterial {
    fn system(&self) -> &str {
        SYSTEM
    }

    /// The import creates or changes, and the state is read before it is switched.
    fn is_repeatable(&self) -> bool {
        true
    }

    async fn push(&self, document: &Outgoing) -> Result<Pushed, Failure> {
        let material: Material = document.read()?;
        let code = material.code.clone();
        self.write(material).await.map_err(failure)?;
        Ok(Pushed::new(code))
    }
}
