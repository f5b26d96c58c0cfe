//! From a request of the application to a document of the Service Layer.

use erplink_core::{Members, RawJson, date};
use serde::Deserialize;

use crate::request::{RequestError, whole_number};
use crate::{Document, Line, Method, SaveRequest};

/// The base type of a production order (生产订单).
pub(crate) const PRODUCTION_ORDER: i64 = 202;

/// How requests become documents. The application sends nearly everything as text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DocumentRules {
    /// Fields that hold dates (`20230920`). Default: `DocDate`, `DocDueDate`, `TaxDate`,
    /// `AddmisionDate` (so spelt), `ExpiryDate`, `ManufacturingDate`. Add the user's own ones.
    pub date_fields: Vec<String>,
    /// Fields that hold numbers. Default: `BaseEntry`, `BaseLine`, `BaseType`, `Quantity`, `Price`,
    /// `LineNum`.
    pub number_fields: Vec<String>,
    /// The user-defined objects and tables that `UserDataTable` may write. Default none.
    pub user_tables: Vec<String>,
    /// The child collection of a user-defined object that takes `data`. Default: `data` has one
    /// element, whose fields belong to the record itself.
    pub user_table_lines: Option<String>,
    /// In transfers, the field of `linetable` with the bin that is transferred from; `BinAbsEntry`
    /// is the bin that is transferred to. Default `FromBinAbsEntry`.
    pub transfer_source_bin: String,
}

impl Default for DocumentRules {
    fn default() -> Self {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            date_fields: names(&[
                "DocDate",
                "DocDueDate",
                "TaxDate",
                "AddmisionDate",
                "ExpiryDate",
                "ManufacturingDate",
            ]),
            number_fields: names(&[
                "BaseEntry",
                "BaseLine",
                "BaseType",
                "Quantity",
                "Price",
                "LineNum",
            ]),
            user_tables: Vec::new(),
            user_table_lines: None,
            transfer_source_bin: "FromBinAbsEntry".to_owned(),
        }
    }
}

type Fields = Vec<(String, RawJson)>;

impl DocumentRules {
    /// Makes the document that a request asks for.
    ///
    /// - Empty texts are left out; dates and numbers become such.
    /// - `linetable` becomes `BatchNumbers` and bin allocations. What is of one batch in several bins
    ///   is one batch.
    /// - Lines on a production order lose their `ItemCode`: the ERP takes it from the order and
    ///   refuses it otherwise.
    /// - In transfers the ERP calls `DocDueDate` `DueDate`.
    ///
    /// # Errors
    /// When a field cannot be converted, batches contradict `ManBtchNum`, or a user table is not
    /// listed. The text names the field.
    pub fn document(&self, request: &SaveRequest) -> Result<Document, RequestError> {
        let mut fields = self.scalars(&request.header, "MainTable.")?;
        let (set, lines) = match &request.method {
            Method::UserDataTable => return self.record(request, fields),
            Method::StockTransfer => ("StockTransfers", "StockTransferLines"),
            other => match other.entity_set() {
                Some(set) => (set, "DocumentLines"),
                None => {
                    return Err(RequestError::value("method", "a known method", other.as_str()));
                }
            },
        };
        if request.method == Method::StockTransfer {
            for (name, _) in &mut fields {
                if name == "DocDueDate" {
                    "DueDate".clone_into(name);
                }
            }
        }
        let converted = (0..)
            .zip(&request.lines)
            .map(|(at, line)| self.line(&request.method, at, line))
            .collect::<Result<Vec<_>, _>>()?;
        fields.retain(|(name, _)| name != lines);
        fields.push((lines.to_owned(), RawJson::array(converted)));
        Ok(Document {
            entity_set: set.to_owned(),
            fields: fields.into_iter().collect(),
            mark: None,
        })
    }

    /// Whose name the request brings becomes part of an address: only listed ones are taken.
    fn record(&self, request: &SaveRequest, mut fields: Fields) -> Result<Document, RequestError> {
        let table = request.table.as_deref().ok_or_else(|| RequestError::missing("table"))?;
        if !self.user_tables.iter().any(|known| known == table) {
            let expected = "a table that is listed in `user_tables`";
            return Err(RequestError::value("table", expected, table));
        }
        let rows = (0..)
            .zip(&request.lines)
            .map(|(at, row)| self.scalars(&row.fields, &format!("data[{at}].")))
            .collect::<Result<Vec<_>, _>>()?;
        match (&self.user_table_lines, rows.len()) {
            (Some(lines), _) => {
                let rows = rows.into_iter().map(|row| row.into_iter().collect::<Members>());
                fields.retain(|(name, _)| name != lines);
                fields.push((lines.clone(), RawJson::array(rows.map(|row| row.to_json()))));
            }
            (None, 1) => {
                for (name, value) in rows.into_iter().flatten() {
                    fields.retain(|(known, _)| *known != name);
                    fields.push((name, value));
                }
            }
            (None, count) => {
                let expected = "one element, because `user_table_lines` is not set";
                return Err(RequestError::value("data", expected, &format!("{count} elements")));
            }
        }
        Ok(Document {
            entity_set: table.to_owned(),
            fields: fields.into_iter().collect(),
            mark: None,
        })
    }

    fn line(&self, method: &Method, at: usize, line: &Line) -> Result<RawJson, RequestError> {
        let place = format!("data[{at}].");
        let mut fields = self.scalars(&line.fields, &place)?;
        let base = whole_number(&line.fields, &place, "BaseType")?;
        if method.is_production() && base == Some(PRODUCTION_ORDER) {
            fields.retain(|(name, _)| name != "ItemCode");
        }
        let Allocated { batches, bins } = self.allocate(method, at, line)?;
        let bins_name = match method {
            Method::StockTransfer => "StockTransferLinesBinAllocations",
            _ => "DocumentLinesBinAllocations",
        };
        for (name, rows) in [("BatchNumbers", batches), (bins_name, bins)] {
            if !rows.is_empty() {
                fields.retain(|(known, _)| known != name);
                fields.push((name.to_owned(), RawJson::array(rows)));
            }
        }
        Ok(fields.into_iter().collect::<Members>().to_json())
    }

    fn allocate(&self, method: &Method, at: usize, line: &Line) -> Result<Allocated, RequestError> {
        let mut batches: Vec<Batch> = Vec::new();
        let mut bins = Vec::new();
        for (row, allocation) in line.allocations.iter().enumerate() {
            let place = format!("data[{at}].linetable[{row}].");
            let quantity = allocation
                .quantity
                .ok_or_else(|| RequestError::missing(format!("{place}Quantity")))?;
            let batch = match (&allocation.batch_number, line.is_batch_managed) {
                (None, Some(true)) => {
                    return Err(RequestError::missing(format!("{place}BatchNumber")));
                }
                (None, _) => None,
                (Some(number), Some(false)) => {
                    let expected = "none, because `ManBtchNum` is N";
                    return Err(RequestError::value(
                        format!("{place}BatchNumber"),
                        expected,
                        number,
                    ));
                }
                (Some(number), _) => {
                    let known = batches.iter().position(|batch| batch.number == *number);
                    Some(match known.and_then(|known| Some((known, batches.get_mut(known)?))) {
                        Some((known, batch)) => {
                            batch.add(quantity, &place)?;
                            known
                        }
                        None => {
                            let mut rest = self.scalars(&allocation.rest, &place)?;
                            rest.retain(|(name, _)| *name != self.transfer_source_bin);
                            batches.push(Batch { number: number.clone(), quantity, rest });
                            batches.len() - 1
                        }
                    })
                }
            };
            let bin = |entry: i64, action: Option<&str>| {
                let mut bin: Fields = vec![
                    ("BinAbsEntry".to_owned(), RawJson::number(entry)),
                    ("Quantity".to_owned(), RawJson::number(quantity)),
                    ("BaseLineNumber".to_owned(), index(at)),
                ];
                bin.extend(
                    batch.map(|batch| ("SerialAndBatchNumbersBaseLine".to_owned(), index(batch))),
                );
                bin.extend(
                    action.map(|action| ("BinActionType".to_owned(), RawJson::text(action))),
                );
                bin.into_iter().collect::<Members>().to_json()
            };
            if *method == Method::StockTransfer {
                let source = whole_number(&allocation.rest, &place, &self.transfer_source_bin)?;
                bins.extend(source.map(|entry| bin(entry, Some("batFromWarehouse"))));
                bins.extend(allocation.bin.map(|entry| bin(entry, Some("batToWarehouse"))));
            } else {
                bins.extend(allocation.bin.map(|entry| bin(entry, None)));
            }
        }
        let batches = batches.into_iter().map(|batch| batch.into_json(at)).collect();
        Ok(Allocated { batches, bins })
    }

    /// All members with dates and numbers converted, and without empty texts.
    fn scalars(&self, members: &Members, place: &str) -> Result<Fields, RequestError> {
        let mut fields = Vec::with_capacity(members.len());
        for (name, value) in members.iter().filter(|(_, value)| value.as_str() != "\"\"") {
            let is = |list: &[String]| list.iter().any(|known| known == name);
            let value = if value.is_null() {
                value.clone()
            } else if is(&self.date_fields) {
                let text = members.text(name).map_err(RequestError::at(place))?;
                let text = text.unwrap_or_default();
                let day = date::date(text.trim()).map_err(|_| {
                    RequestError::value(format!("{place}{name}"), "a date such as 20230920", &text)
                })?;
                RawJson::text(&day.to_string())
            } else if is(&self.number_fields) {
                let number = members.decimal(name).map_err(RequestError::at(place))?;
                number.map_or_else(RawJson::null, RawJson::number)
            } else {
                value.clone()
            };
            fields.push((name.to_owned(), value));
        }
        Ok(fields)
    }
}

struct Allocated {
    batches: Vec<RawJson>,
    bins: Vec<RawJson>,
}

/// How much of a line is of one batch.
pub(crate) struct Batch {
    pub(crate) number: String,
    pub(crate) quantity: erplink_core::Decimal,
    pub(crate) rest: Fields,
}

impl Batch {
    fn add(&mut self, quantity: erplink_core::Decimal, place: &str) -> Result<(), RequestError> {
        self.quantity = self.quantity.checked_add(quantity).ok_or_else(|| {
            RequestError::value(
                format!("{place}Quantity"),
                "a smaller number",
                &quantity.to_string(),
            )
        })?;
        Ok(())
    }

    pub(crate) fn into_json(self, line: usize) -> RawJson {
        let known = [
            ("BatchNumber".to_owned(), RawJson::text(&self.number)),
            ("Quantity".to_owned(), RawJson::number(self.quantity)),
            ("BaseLineNumber".to_owned(), index(line)),
        ];
        known.into_iter().chain(self.rest).collect::<Members>().to_json()
    }
}

/// A place in a list, counted from 0.
pub(crate) fn index(at: usize) -> RawJson {
    RawJson::number(at)
}
