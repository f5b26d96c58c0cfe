//! Reads the body of an import under both contracts.

use std::collections::BTreeSet;

use chrono::{NaiveDateTime, TimeDelta};
use rust_decimal::Decimal;

use super::Control;
use super::draft::{Draft, DraftInput, DraftOutput, DraftProcess, Version};
use crate::mes::catalog;
use crate::mes::fields::Fields;
use crate::mes::refusal::Refusal;
use crate::mes::request::Request;
use crate::mes::world::World;
use crate::servicelayer::json::Json;

type Read<T> = Result<T, Refusal>;

pub(in crate::mes) const V1: &[&str] = &[
    "code",
    "planStartTime",
    "planFinishTime",
    "workOrderType",
    "status",
    "enableSopInt",
    "specifiedMaterialInt",
    "useBomFlag",
    "useProcessRouteFlag",
    "externalOrderCode",
    "identifier",
    "remark",
    "productionDepartmentCode",
    "productionSupervisorCode",
    "planningDepartmentCode",
    "planningUserCode",
    "outputMaterialOpenCOs",
    "inputMaterialOpenCOs",
    "inputMaterialControlOpenCOs",
    "processPlanOpenCOs",
    "processPlanNodeRelationOpenCOs",
    "processPlanType",
    "customFields",
];

pub(in crate::mes) const V2: &[&str] = &[
    "code",
    "planStartTime",
    "planFinishTime",
    "workOrderType",
    "status",
    "enableSop",
    "specifiedMaterial",
    "useBomFlag",
    "useProcessRouteFlag",
    "externalOrderCode",
    "identifier",
    "remark",
    "productionDepartmentCode",
    "productionSupervisorCode",
    "planningDepartmentCode",
    "planningUserCode",
    "resourceCode",
    "outputMaterialOpenCOs",
    "inputMaterialOpenV2COs",
    "inputMaterialControlOpenCOs",
    "processPlanOpenCOs",
    "processPlanNodeRelationOpenCOs",
    "processPlanType",
    "customFields",
];

const OUTPUT: &[&str] = &[
    "lineSeq",
    "mainFlag",
    "mainFlagInt",
    "materialCode",
    "plannedAmount",
    "workOrderCode",
    "unitName",
    "version",
    "outputProcessCode",
    "outputProcessNum",
    "processRouteCode",
    "productRate",
    "singleWorkReportAmount",
    "reportingMethods",
    "warehousing",
    "autoWarehousingFlag",
];

const INPUT: &[&str] = &[
    "seq",
    "materialCode",
    "materialName",
    "unitName",
    "version",
    "subInputAmountNumerator",
    "subInputAmountDenominator",
    "suppliers",
    "specificProcessInput",
    "specificProcessInputInt",
    "splitSopControllInput",
    "splitSopControlInput",
    "splitSopControlInputInt",
    "inputProcessNum",
    "pickMode",
    "lossRate",
    "remark",
    "workOrderCode",
];

const CONTROL: &[&str] = &[
    "seq",
    "lineSeq",
    "materialCode",
    "materialName",
    "inputAmountNumerator",
    "inputAmountDenominator",
    "inputQcState",
    "limit",
    "lowerLimit",
    "upperLimit",
    "workOrderCode",
];

const PROCESS: &[&str] = &[
    "code",
    "processNum",
    "workOrderCode",
    "name",
    "description",
    "reportFlag",
    "reportMethods",
    "processUnitName",
    "workCenterCode",
    "processRatio",
    "planWorkReportQuantityControl",
    "productionStatusControl",
];

const LINK: &[&str] = &["workOrderCode", "prevProcessNum", "nextProcessNum"];

/// Epoch milliseconds of a text in China time.
pub(super) fn china_time(fields: &Fields<'_>, name: &str) -> Read<i64> {
    let text = fields.required_text(name)?;
    let time = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S");
    let utc = time.ok().and_then(|time| time.checked_sub_signed(TimeDelta::hours(8)));
    utc.map(|time| time.and_utc().timestamp_millis())
        .ok_or_else(|| fields.invalid(name, "格式应为 yyyy-MM-dd HH:mm:ss"))
}

/// The kind of an order by its word or its number.
pub(super) fn kind(fields: &Fields<'_>) -> Read<Option<i64>> {
    const KINDS: [&str; 4] = ["普通", "返工", "改制", "维修"];
    let found = match fields.get("workOrderType") {
        None => return Ok(None),
        Some(Json::Text(text)) => {
            (1..).zip(KINDS).find(|(_, known)| known == text).map(|(number, _)| number)
        }
        Some(other) => other.as_int().filter(|number| (1..=4).contains(number)),
    };
    let wrong = || fields.invalid("workOrderType", "只能为: 普通/返工/改制/维修");
    found.map(Some).ok_or_else(wrong)
}

/// A text, or a whole number written without quotes.
fn number_text(fields: &Fields<'_>, name: &str) -> Read<String> {
    match fields.get(name) {
        Some(Json::Number(text)) => Ok(text.clone()),
        _ => fields.required_text(name).map(str::to_owned),
    }
}

/// Reads a whole import, looking its materials up.
pub(super) fn draft(world: &World, request: &Request, version: Version) -> Read<Draft> {
    let fields = request.fields();
    let code = fields.code("code")?;
    let time = |name: &str| match version {
        Version::V1 => china_time(&fields, name),
        Version::V2 => fields.required_int(name),
    };
    let (planned_start, planned_finish) = (time("planStartTime")?, time("planFinishTime")?);
    if planned_finish < planned_start {
        return Err(fields.invalid("planFinishTime", "不能早于planStartTime"));
    }
    if fields.flag("useBomFlag")? == Some(true) {
        return Err(Refusal::unsupported("`useBomFlag` 1: orders that expand the MES's own BOM"));
    }
    let (sop, specified, inputs) = match version {
        Version::V1 => ("enableSopInt", "specifiedMaterialInt", "inputMaterialOpenCOs"),
        Version::V2 => ("enableSop", "specifiedMaterial", "inputMaterialOpenV2COs"),
    };
    let owned = |name: &str| Ok::<_, Refusal>(fields.text(name)?.map(str::to_owned));
    let department = |name: &str| {
        let code = fields.text(name)?;
        code.map(|code| catalog::find(&world.departments, "部门", code)).transpose()?;
        owned(name)
    };
    let person = |name: &str| {
        let code = fields.text(name)?;
        code.map(|code| catalog::find(&world.workers, "用户", code)).transpose()?;
        owned(name)
    };
    let lines = Lines { world, request, code };
    let processes = lines.processes(&fields)?;
    Ok(Draft {
        code: code.to_owned(),
        identifier: owned("identifier")?,
        external_code: owned("externalOrderCode")?,
        remark: owned("remark")?,
        kind: kind(&fields)?,
        submitted: submitted(&fields, version)?,
        planned_start,
        planned_finish,
        specified_material: fields.flag(specified)?,
        enable_sop: fields.flag(sop)?,
        use_route: fields.flag("useProcessRouteFlag")?,
        production_department: department("productionDepartmentCode")?,
        planning_department: department("planningDepartmentCode")?,
        supervisor: person("productionSupervisorCode")?,
        planner: person("planningUserCode")?,
        outputs: lines.outputs(&fields, "outputMaterialOpenCOs")?,
        inputs: lines.inputs(&fields, inputs, "inputMaterialControlOpenCOs")?,
        links: lines.links(&fields, processes.as_deref().unwrap_or_default())?,
        processes,
        serial: match fields.text("processPlanType")? {
            None | Some("串行") => true,
            Some("并行") => false,
            Some(_) => return Err(fields.invalid("processPlanType", "只能为: 串行/并行")),
        },
    })
}

fn submitted(fields: &Fields<'_>, version: Version) -> Read<Option<bool>> {
    match version {
        Version::V1 => match fields.text("status")? {
            None => Ok(None),
            Some("草稿") => Ok(Some(false)),
            Some("新建") => Ok(Some(true)),
            Some(_) => Err(fields.invalid("status", "只能为: 草稿/新建")),
        },
        Version::V2 => fields.flag("status"),
    }
}

/// Reads the arrays of an import or an edit.
pub(super) struct Lines<'a> {
    pub(super) world: &'a World,
    pub(super) request: &'a Request,
    /// Code of the order they belong to.
    pub(super) code: &'a str,
}

impl Lines<'_> {
    fn open(&self, line: &Fields<'_>, known: &[&str]) -> Read<()> {
        self.request.only(line, known)?;
        if line.text("workOrderCode")?.is_some_and(|code| code != self.code) {
            return Err(line.invalid("workOrderCode", "与工单编号不一致"));
        }
        Ok(())
    }

    /// The unit of a line, by default the main unit of its material.
    fn unit(&self, line: &Fields<'_>, default: i64) -> Read<i64> {
        let name = line.text("unitName")?;
        name.map_or(Ok(default), |name| self.world.unit_named(name).map(|unit| unit.id))
    }

    pub(super) fn outputs(&self, fields: &Fields<'_>, name: &str) -> Read<Vec<DraftOutput>> {
        let mut outputs: Vec<DraftOutput> = Vec::new();
        for line in fields.rows(name)? {
            self.open(&line, OUTPUT)?;
            let output = self.output(&line)?;
            if outputs.iter().any(|known| known.line_seq == output.line_seq) {
                return Err(line.invalid("lineSeq", "重复"));
            }
            outputs.push(output);
        }
        if outputs.iter().filter(|output| output.main).count() != 1 {
            return Err(fields.invalid(name, "必须有且只有一个主产出"));
        }
        Ok(outputs)
    }

    fn output(&self, line: &Fields<'_>) -> Read<DraftOutput> {
        let material = self.world.usable_material(line.required_text("materialCode")?)?;
        let main = match (line.flag("mainFlagInt")?, line.flag("mainFlag")?) {
            (Some(int), Some(text)) if int != text => {
                return Err(line.invalid("mainFlag", "与mainFlagInt不一致"));
            }
            (int, text) => int.or(text).ok_or_else(|| line.absent("mainFlag"))?,
        };
        let whether = |name: &str| match line.get(name) {
            Some(Json::Number(_)) => line.flag(name),
            _ => line.yes(name),
        };
        let process = line.text("outputProcessNum")?.or(line.text("outputProcessCode")?);
        Ok(DraftOutput {
            line_seq: line.required_int("lineSeq")?,
            main,
            material: material.id,
            unit: self.unit(line, material.unit)?,
            planned: line.positive("plannedAmount")?.ok_or_else(|| line.absent("plannedAmount"))?,
            process: process.map(str::to_owned),
            warehousing: whether("warehousing")?.unwrap_or(false),
            auto_warehousing: whether("autoWarehousingFlag")?.unwrap_or(false),
            version: line.text("version")?.map(str::to_owned),
        })
    }

    /// Components with their controls; `None` when the member is not there.
    pub(super) fn inputs(
        &self,
        fields: &Fields<'_>,
        name: &str,
        controls: &str,
    ) -> Read<Option<Vec<DraftInput>>> {
        let mut inputs: Vec<DraftInput> = Vec::new();
        for line in fields.rows(name)? {
            self.open(&line, INPUT)?;
            let input = self.input(&line)?;
            if inputs.iter().any(|known| known.seq == input.seq) {
                return Err(line.invalid("seq", "重复"));
            }
            inputs.push(input);
        }
        for line in fields.rows(controls)? {
            self.open(&line, CONTROL)?;
            self.control(&line, &mut inputs)?;
        }
        for input in &inputs {
            let shares = input.controls.iter().map(|control| control.numerator);
            let sum = shares.fold(Decimal::ZERO, Decimal::saturating_add);
            if !input.controls.is_empty() && sum != input.numerator {
                let why = format!("序号{}的投料管控用量之和应等于用料的分子", input.seq);
                return Err(fields.invalid(controls, &why));
            }
        }
        Ok(fields.has(name).then_some(inputs))
    }

    fn input(&self, line: &Fields<'_>) -> Read<DraftInput> {
        let material = self.world.usable_material(line.required_text("materialCode")?)?;
        let first = |names: &[&str]| {
            let found = names.iter().map(|name| line.flag(name)).find(|flag| *flag != Ok(None));
            found.unwrap_or(Ok(None)).map(|flag| flag.unwrap_or(false))
        };
        let share = |name: &str| Ok::<_, Refusal>(line.positive(name)?.unwrap_or(Decimal::ONE));
        Ok(DraftInput {
            seq: line.required_int("seq")?,
            material: material.id,
            unit: self.unit(line, material.unit)?,
            numerator: share("subInputAmountNumerator")?,
            denominator: share("subInputAmountDenominator")?,
            specific_process: first(&["specificProcessInput", "specificProcessInputInt"])?,
            split_sop_control: first(&[
                "splitSopControllInput",
                "splitSopControlInput",
                "splitSopControlInputInt",
            ])?,
            process_num: line.text("inputProcessNum")?.map(str::to_owned),
            version: line.text("version")?.map(str::to_owned),
            remark: line.text("remark")?.unwrap_or_default().to_owned(),
            loss_rate: line.amount("lossRate")?,
            controls: Vec::new(),
        })
    }

    fn control(&self, line: &Fields<'_>, inputs: &mut [DraftInput]) -> Read<()> {
        let material = self.world.usable_material(line.required_text("materialCode")?)?.id;
        let seq = line.required_int("seq")?;
        let input = inputs.iter_mut().find(|input| input.seq == seq && input.material == material);
        let input = input.ok_or_else(|| line.invalid("seq", "没有对应的用料行"))?;
        let share = |name: &str| line.positive(name)?.ok_or_else(|| line.absent(name));
        let control = Control {
            line_seq: line.required_int("lineSeq")?,
            numerator: share("inputAmountNumerator")?,
            denominator: line.positive("inputAmountDenominator")?.unwrap_or(Decimal::ONE),
            qc_states: qc_states(line)?,
            limit: line.get("limit").map(ToString::to_string).unwrap_or_default(),
        };
        if control.denominator != input.denominator {
            return Err(line.invalid("inputAmountDenominator", "与用料行的分母不一致"));
        }
        if input.controls.iter().any(|known| known.line_seq == control.line_seq) {
            return Err(line.invalid("lineSeq", "重复"));
        }
        input.controls.push(control);
        Ok(())
    }

    fn processes(&self, fields: &Fields<'_>) -> Read<Option<Vec<DraftProcess>>> {
        let mut processes: Vec<DraftProcess> = Vec::new();
        for line in fields.rows("processPlanOpenCOs")? {
            self.open(&line, PROCESS)?;
            let num = number_text(&line, "processNum")?;
            if processes.iter().any(|known| known.num == num) {
                return Err(line.invalid("processNum", "重复"));
            }
            let reports = match line.get("reportFlag") {
                Some(Json::Number(_)) => line.flag("reportFlag")?.unwrap_or(true),
                _ => !matches!(line.text("reportFlag")?, Some("否" | "0")),
            };
            processes.push(DraftProcess {
                num,
                code: line.code("code")?.to_owned(),
                name: line.text("name")?.map(str::to_owned),
                description: line.text("description")?.unwrap_or_default().to_owned(),
                reports,
            });
        }
        Ok((!processes.is_empty()).then_some(processes))
    }

    fn links(
        &self,
        fields: &Fields<'_>,
        processes: &[DraftProcess],
    ) -> Read<Vec<(String, String)>> {
        let nums: BTreeSet<_> = processes.iter().map(|process| process.num.as_str()).collect();
        let mut links = Vec::new();
        for line in fields.rows("processPlanNodeRelationOpenCOs")? {
            self.open(&line, LINK)?;
            let end = |name: &str| {
                let num = number_text(&line, name)?;
                if nums.contains(num.as_str()) {
                    Ok(num)
                } else {
                    Err(line.invalid(name, "没有对应的工序"))
                }
            };
            links.push((end("prevProcessNum")?, end("nextProcessNum")?));
        }
        Ok(links)
    }
}

/// `"[1,2,3]"`: a text that holds a JSON array.
fn qc_states(line: &Fields<'_>) -> Read<Vec<i64>> {
    let Some(text) = line.text("inputQcState")? else { return Ok(Vec::new()) };
    let wrong = || line.invalid("inputQcState", "应为JSON数组的文本, 例如 \"[1,2,3]\"");
    serde_json::from_str(text).map_err(|_| wrong())
}
