//! Invoices, and pictures of them that the simulator can read.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::png;

/// What stands on an invoice (发票).
///
/// [`picture`] makes a picture of it: a real PNG that carries the text beside its one pixel, which
/// is what the simulator reads. So a picture works in a file, in another process, in a test of
/// yours, and nothing has to be registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Invoice {
    /// 发票代码; empty on digital invoices (数电票).
    pub code: String,
    /// 发票号码.
    pub number: String,
    /// 开票日期.
    pub date: NaiveDate,
    /// 购买方名称.
    pub buyer: String,
    /// 销售方名称.
    pub seller: String,
    /// 合计金额, without tax.
    #[serde(with = "erplink_core::decimal")]
    pub amount: Decimal,
    /// 合计税额.
    #[serde(with = "erplink_core::decimal")]
    pub tax: Decimal,
    /// 校验码.
    pub check_code: String,
    /// The commodities (商品明细).
    pub lines: Vec<Line>,
    /// The picture is too bad to read this invoice.
    pub illegible: bool,
}

/// A line of an invoice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Line {
    /// 货物或应税劳务名称.
    pub name: String,
    /// 单位.
    pub unit: String,
    /// 数量.
    #[serde(with = "erplink_core::decimal")]
    pub quantity: Decimal,
    /// 单价, without tax.
    #[serde(with = "erplink_core::decimal")]
    pub price: Decimal,
    /// 金额, without tax.
    #[serde(with = "erplink_core::decimal")]
    pub amount: Decimal,
    /// 税率, such as `13%`.
    pub tax_rate: String,
    /// 税额.
    #[serde(with = "erplink_core::decimal")]
    pub tax: Decimal,
}

impl Default for Invoice {
    fn default() -> Self {
        Self {
            code: String::new(),
            number: "24312000000000000001".to_owned(),
            date: NaiveDate::from_ymd_opt(2024, 3, 18).unwrap_or_default(),
            buyer: "无锡样例科技有限公司".to_owned(),
            seller: "上海供应商有限公司".to_owned(),
            amount: Decimal::new(100_010, 2),
            tax: Decimal::new(13_001, 2),
            check_code: "12345678901234567890".to_owned(),
            lines: vec![Line {
                name: "*金属制品*机箱".to_owned(),
                unit: "台".to_owned(),
                quantity: Decimal::new(10, 0),
                price: Decimal::new(10_001, 2),
                amount: Decimal::new(100_010, 2),
                tax_rate: "13%".to_owned(),
                tax: Decimal::new(13_001, 2),
            }],
            illegible: false,
        }
    }
}

impl Invoice {
    /// The invoice with this number; the rest as in [`Invoice::default`].
    #[must_use]
    pub fn numbered(number: impl Into<String>) -> Self {
        Self { number: number.into(), ..Self::default() }
    }

    /// 价税合计.
    #[must_use]
    pub fn total(&self) -> Decimal {
        self.amount.checked_add(self.tax).unwrap_or(Decimal::MAX)
    }
}

/// A picture (PNG) that shows these invoices; none: a picture of something else.
#[must_use]
pub fn picture(invoices: &[Invoice]) -> Vec<u8> {
    png::one_pixel(&text(invoices))
}

/// A PDF file of these invoices.
#[must_use]
pub fn pdf(invoices: &[Invoice]) -> Vec<u8> {
    format!("%PDF-1.4\n{PDF_LINE}{}\n%%EOF\n", text(invoices)).into_bytes()
}

const PDF_LINE: &str = "%invoices ";

fn text(invoices: &[Invoice]) -> String {
    serde_json::to_string(invoices).unwrap_or_default()
}

/// What the simulator makes of a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// No picture and no PDF.
    NoPicture,
    /// The invoices on it.
    Invoices(Vec<Invoice>),
}

/// Reads a picture.
pub(crate) fn look(bytes: &[u8]) -> Seen {
    let parsed = |text: &str| serde_json::from_str(text).unwrap_or_default();
    if png::is_png(bytes) {
        return Seen::Invoices(png::text(bytes).map(|text| parsed(&text)).unwrap_or_default());
    }
    if bytes.starts_with(b"%PDF-") {
        let text = String::from_utf8_lossy(bytes);
        let line = text.lines().find_map(|line| line.strip_prefix(PDF_LINE));
        return Seen::Invoices(line.map(parsed).unwrap_or_default());
    }
    let others: [&[u8]; 5] = [b"\xff\xd8\xff", b"BM", b"GIF8", b"II*\0", b"MM\0*"];
    let is_picture = others.iter().any(|start| bytes.starts_with(start));
    if is_picture { Seen::Invoices(Vec::new()) } else { Seen::NoPicture }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_can_be_read() {
        let invoices =
            vec![Invoice::numbered("1"), Invoice { illegible: true, ..Invoice::default() }];
        for file in [picture(&invoices), pdf(&invoices)] {
            assert_eq!(look(&file), Seen::Invoices(invoices.clone()));
        }
        assert_eq!(look(&picture(&[])), Seen::Invoices(Vec::new()));
        assert_eq!(look(b"\xff\xd8\xff\xe0 a photograph"), Seen::Invoices(Vec::new()));
        assert_eq!(look(b"a letter"), Seen::NoPicture);
    }

    #[test]
    fn half_a_picture_shows_nothing() {
        // The pixel and the end, 37 bytes, stand behind the text.
        let whole = picture(&[Invoice::default()]);
        for end in 8..whole.len() - 37 {
            assert_eq!(look(&whole[..end]), Seen::Invoices(Vec::new()), "{end}");
        }
    }
}
