//! The demo tenant: the same small manufacturer as in the other systems.

use std::collections::VecDeque;

use super::Options;
use super::organization::{Department, Employee, Organization};
use super::tokens::Tokens;
use super::world::World;

pub(super) const CORP_ID: &str = "ww5e7eam50a02b7e8";
pub(super) const APP_KEY: &str = "sbx-3d1f5a7c9e2b4d60";
/// With the characters that break clients which do not quote: `& + / % =`.
pub(super) const APP_SECRET: &str = "Sbx&eteams+demo/secret%01==";
pub(super) const CALL_SYS_CODE: &str = "ERP-01";

/// The company itself.
const HEADQUARTERS: &str = "7001";

pub(super) fn world(options: Options) -> World {
    World {
        options,
        tokens: Tokens::default(),
        organization: organization(),
        arranged: VecDeque::new(),
    }
}

fn organization() -> Organization {
    let mut organization = Organization::default();
    let text = |text: &str| text.to_owned();
    organization.put_department(Department {
        id: text(HEADQUARTERS),
        name: text("华星精密制造有限公司"),
        code: text("D0"),
        is_subsidiary: true,
        ..Department::default()
    });
    for (id, name, code, parent, manager) in [
        ("7034", "总经办", "D01", HEADQUARTERS, "周八"),
        ("7035", "采购部", "D02", HEADQUARTERS, "李四"),
        ("7036", "财务部", "D03", HEADQUARTERS, "王五"),
        ("7037", "销售部", "D04", HEADQUARTERS, "赵六"),
        ("7038", "仓储部", "D05", HEADQUARTERS, "孙七"),
        // Above what a 64-bit float tells apart.
        ("9007199254740993", "采购一组", "D0201", "7035", "张三"),
    ] {
        organization.put_department(Department {
            id: text(id),
            name: text(name),
            code: text(code),
            parent: text(parent),
            manager: text(manager),
            ..Department::default()
        });
    }
    organization.put_department(Department {
        id: text("7099"),
        name: text("技改办"),
        code: text("D09"),
        parent: text(HEADQUARTERS),
        disabled: true,
        ..Department::default()
    });
    // The same people, with the same mobile numbers, as in the other simulated systems.
    for (number, account, name, department, position) in [
        (1, "zhangsan", "张三", "9007199254740993", "采购员"),
        (2, "lisi", "李四", "7035", "采购经理"),
        (3, "wangwu", "王五", "7036", "财务主管"),
        (4, "zhaoliu", "赵六", "7037", "销售经理"),
        (5, "sunqi", "孙七", "7038", "仓库管理员"),
        (6, "zhouba", "周八", "7034", "总经理"),
        (99, "wujiu", "吴九", "7037", "销售员"),
    ] {
        organization.put_employee(Employee {
            id: format!("80{number:02}"),
            user_id: format!("60{number:02}"),
            name: text(name),
            account: text(account),
            job_num: format!("E{number:04}"),
            email: format!("{account}@example.com"),
            mobile: format!("138000000{number:02}"),
            department: text(department),
            position: text(position),
            has_left: account == "wujiu",
        });
    }
    organization
}
