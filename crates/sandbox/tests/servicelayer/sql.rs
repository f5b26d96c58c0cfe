//! Stored queries (`SQLQueries`), and SQL over the ERP's tables.

use erplink_sandbox::servicelayer::{EmptyAnswer, NextLink, Options};
use erplink_sandbox::{Error, Sandbox};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, logged_in, v1};

async fn store(client: &Client, code: &str, text: &str) -> Answer {
    client.post("SQLQueries", json!({"SqlCode": code, "SqlName": code, "SqlText": text})).await
}

fn rows(answer: Answer) -> Vec<Value> {
    answer.expect(200).json()["value"].as_array().unwrap().clone()
}

fn one(sandbox: &Sandbox, select: &str) -> Value {
    let mut rows = sandbox.b1().sql(select).unwrap();
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows.remove(0)
}

fn refused(sandbox: &Sandbox, select: &str) -> String {
    match sandbox.b1().sql(select).unwrap_err() {
        Error::Refused { code, message, .. } => format!("{code} {message}"),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_query_is_stored_and_run_with_parameters() {
    let (_sandbox, client) = v1().await;
    let text = "select DocEntry, DocTotal, DocDate, Comments from ORDR where DocTotal > :docTotal";
    let stored = store(&client, "sql01", text).await.expect(201).json();
    assert_eq!(
        stored["SqlText"],
        "select \"DocEntry\", \"DocTotal\", \"DocDate\", \"Comments\" from \"ORDR\" \
         where \"DocTotal\" > :docTotal"
    );
    assert_eq!(stored["ParamList"], "docTotal");
    assert_eq!(stored["odata.etag"], "W/\"44486B13CDA82E54A31194A3588857803F9D1E57\"");
    let by_address = client.get("SQLQueries('sql01')/List?docTotal=10.1").await.expect(200).json();
    let body = json!({"ParamList": "docTotal=10.1"});
    let by_body = client.post("SQLQueries('sql01')/List", body).await.expect(200).json();
    assert_eq!(by_address["value"], by_body["value"]);
    let row = &by_body["value"][0];
    assert_eq!(row["DocEntry"], 1);
    assert_eq!(row["DocTotal"].to_string(), "615.0");
    let date = row["DocDate"].as_str().unwrap();
    assert!(date.len() == 8 && date.bytes().all(|b| b.is_ascii_digit()), "{date}");
    assert!(by_body["odata.metadata"].as_str().unwrap().ends_with("#SAPB1.SQLQueryResult"));
    let none = client.post("SQLQueries('sql01')/List", json!({"ParamList": "docTotal=1000"})).await;
    assert_eq!(rows(none), Vec::<Value>::new());
}

#[tokio::test]
async fn texts_are_quoted_and_anything_else_is_a_parameter_error() {
    let (_sandbox, client) = v1().await;
    let text = "select ItemCode from OITM where ItemName = :name and ItmsGrpCod >= :grp";
    store(&client, "q", text).await.expect(201);
    let run = |list: &str| {
        let (client, list) = (&client, list.to_owned());
        async move { client.post("SQLQueries('q')/List", json!({ "ParamList": list })).await }
    };
    assert_eq!(rows(run("name='螺丝 M6'&grp=100").await), [json!({"ItemCode": "RM-002"})]);
    let address = "SQLQueries('q')/List?name=%27%E8%9E%BA%E4%B8%9D%20M6%27&grp=100";
    assert_eq!(rows(client.get(address).await).len(), 1);
    for wrong in [
        "name='x'",
        "name='x'&grp=1&more=2",
        "name=x&grp=1",
        "name='x' or '1'='1'&grp=1",
        "name='x';grp=1",
        "name='x'&grp=1;",
        "",
    ] {
        run(wrong).await.refused(400, 704);
    }
    assert_eq!(rows(run("name='O''Neil & sons'&grp=100").await), Vec::<Value>::new());
}

#[tokio::test]
async fn what_the_server_does_not_run_is_not_stored() {
    let (_sandbox, client) = v1().await;
    for (text, code) in [
        ("select * from ORDR", 701),
        ("select T0.* from ORDR T0", 701),
        ("update ORDR set DocTotal = 0", 701),
        ("select DocEntry from ORDR; select 1 as x from OITM", 701),
        ("select count(*) from ORDR", 701),
        ("select DocTotal * 2 from ORDR", 701),
        ("select DocEntry as a, DocNum as a from ORDR", 701),
        (
            "select T0.DocEntry, T1.DocEntry from ORDR T0 join RDR1 T1 on T0.DocEntry = T1.DocEntry",
            701,
        ),
        ("select to_varchar(DocDate, 'YYYY') as y from ORDR", 701),
        ("select case when DocNum = 1 then 'a' else 'b' end as c from ORDR", 701),
        ("select json_extract(Comments, '$.a') as c from ORDR", 701),
        ("select DocEntry frm ORDR where", 701),
        ("select 'a from ORDR", 701),
        ("", 701),
        ("select WddCode from OWDD", 702),
        ("select USER_CODE from OUSR", 702),
        ("select DocEntry from ORDR where exists (select WddCode from OWDD)", 702),
        ("select body from entity", 702),
        ("select name from sqlite_master", 702),
        ("select Code from [@NOTHING]", 702),
        ("select Nonsense from ORDR", 703),
        ("select \"Nonsense\" from ORDR", 703),
        ("select T1.Nonsense from ORDR T0 join RDR1 T1 on T0.DocEntry = T1.DocEntry", 703),
    ] {
        let answer = store(&client, "q", text).await.expect(400);
        assert_eq!(answer.code(), code, "{text}: {}", answer.text);
    }
    // On the list of the server, and not simulated.
    store(&client, "q", "select AbsEntry from OSRT").await.expect(501);
    client.get("SQLQueries('q')").await.expect(404);
    store(&client, "q", "select count(*) as n from ORDR").await.expect(201);
    client
        .patch("SQLQueries('q')", json!({"SqlText": "select * from ORDR"}))
        .await
        .refused(400, 701);
    client
        .patch("SQLQueries('q')", json!({"SqlText": "select 2 as n from ORDR"}))
        .await
        .expect(204);
    assert_eq!(rows(client.act("SQLQueries('q')/List").await), [json!({"n": 2})]);
    store(&client, "q", "select 3 as n from ORDR").await.refused(400, -2035);
    client.delete("SQLQueries('q')").await.expect(204);
    client.act("SQLQueries('q')/List").await.refused(404, -2028);
}

#[tokio::test]
async fn lists_are_paged_in_every_form_of_link() {
    for (form, expected) in [
        (NextLink::Relative, "SQLQueries('q')/List?grp=0&$skip=2"),
        (NextLink::Ampersand, "SQLQueries('q')/List?&$skip=2"),
        (NextLink::ServerRoot, "/b1s/v1/SQLQueries('q')/List?$skip=2"),
    ] {
        let options = Options { next_link: form, ..Options::default() };
        let (_sandbox, client) = logged_in(options, "v1").await;
        let text = "select ItemCode from OITM where ItmsGrpCod > :grp order by ItemCode";
        store(&client, "q", text).await.expect(201);
        let mut codes = Vec::new();
        for skip in [0, 2, 4] {
            let path = format!("SQLQueries('q')/List?grp=0&$skip={skip}");
            let prefer = [("Prefer", "odata.maxpagesize=2")];
            let page = client.send(Method::GET, &path, &prefer, None).await.expect(200);
            assert_eq!(page.header("preference-applied"), "odata.maxpagesize=2");
            let page = page.json();
            let link = page.get("odata.nextLink").and_then(Value::as_str);
            match skip {
                0 => assert_eq!(link, Some(expected)),
                2 => assert!(link.is_some()),
                _ => assert_eq!(link, None),
            }
            let rows = page["value"].as_array().unwrap();
            codes.extend(rows.iter().map(|row| row["ItemCode"].as_str().unwrap().to_owned()));
        }
        assert_eq!(codes, ["A/1#2", "FG-001", "RM-001", "RM-002", "RM-003"]);
    }
}

#[tokio::test]
async fn some_versions_answer_404_to_an_empty_result() {
    let options = Options { empty_answer: EmptyAnswer::NotFound, ..Options::default() };
    let (_sandbox, client) = logged_in(options, "v1").await;
    store(&client, "q", "select DocEntry from OINV").await.expect(201);
    client.act("SQLQueries('q')/List").await.refused(404, -2028);
}

#[tokio::test]
async fn ordinary_users_may_read_queries_and_nothing_else() {
    let (sandbox, manager) = v1().await;
    store(&manager, "q", "select ItemCode from OITM").await.expect(201);
    let mut client = Client::new(&sandbox.b1().root_url(), "v1");
    client.log_in_as("S-ERP\\ZS", "Zhang-1234").await.expect(200);
    client.get("SQLQueries('q')").await.expect(200);
    client.act("SQLQueries('q')/List").await.refused(403, -6006);
    store(&client, "p", "select ItemCode from OITM").await.refused(403, -6006);
    client.patch("SQLQueries('q')", json!({"SqlName": "x"})).await.refused(403, -6006);
    client.delete("SQLQueries('q')").await.refused(403, -6006);
    sandbox.b1().configure(|options| options.sql_queries_for_everyone = true);
    client.act("SQLQueries('q')/List").await.expect(200);
    client.delete("SQLQueries('q')").await.refused(403, -6006);
}

#[tokio::test]
async fn a_site_adds_tables_to_the_list() {
    let options = Options { sql_tables: vec!["OUSR".to_owned()], ..Options::default() };
    let (_sandbox, client) = logged_in(options, "v1").await;
    let text = "select USERID, U_NAME, Fax from OUSR where USER_CODE = :code";
    store(&client, "q", text).await.expect(201);
    let found = client.get("SQLQueries('q')/List?code='S-ERP%5CZS'").await;
    assert_eq!(rows(found), [json!({"USERID": 2, "U_NAME": "张三", "Fax": "zhangsan"})]);
}

/// The main and the detail query of the guides for drafts that await approval.
#[tokio::test]
async fn the_queries_of_the_scenarios_see_drafts_and_their_lines() {
    let (sandbox, client) = v1().await;
    let draft = json!({
        "Requester": "张三", "RequriedDate": "2023-10-20", "U_UserID": "u-1", "U_BMID": "12",
        "DocumentLines": [
            {"ItemCode": "RM-001", "Quantity": 55, "Price": 300.5, "U_Specifications": "2mm"},
            {"ItemCode": "RM-002", "Quantity": 0.3, "Price": 0.1},
        ],
    });
    let draft = sandbox.b1().submit_draft(&draft).unwrap();
    let main = "select T0.DocEntry, T0.ObjType, T0.ReqDate, T0.U_UserID, T0.WddStatus
                from ODRF T0
                where T0.ObjType = '1470000113' and ifnull(T0.\"U_ISSYN\",'N') = 'N'";
    let detail = "select T1.DocEntry, T1.LineNum, T1.ItemCode, T1.Dscription, T1.Quantity,
                  T1.LineTotal, T1.U_Specifications
                  from ODRF T0 inner join DRF1 T1 on T0.DocEntry = T1.DocEntry
                  where ifnull(T0.U_ISSYN,'N') = 'N' order by T1.DocEntry, T1.LineNum";
    store(&client, "main", main).await.expect(201);
    store(&client, "detail", detail).await.expect(201);
    assert_eq!(
        rows(client.act("SQLQueries('main')/List").await),
        [json!({
            "DocEntry": draft.doc_entry, "ObjType": "1470000113", "ReqDate": "20231020",
            "U_UserID": "u-1", "WddStatus": "W",
        })]
    );
    let lines = rows(client.act("SQLQueries('detail')/List").await);
    assert_eq!(lines[0]["Dscription"], "钢板");
    assert_eq!(lines[0]["Quantity"].to_string(), "55.0");
    assert_eq!(lines[0]["LineTotal"].to_string(), "16527.5");
    assert_eq!(lines[0]["U_Specifications"], "2mm");
    assert_eq!(lines[1]["LineTotal"].to_string(), "0.03");
    client
        .patch(&format!("Drafts({})", draft.doc_entry), json!({"U_ISSYN": "Y"}))
        .await
        .expect(204);
    assert_eq!(rows(client.act("SQLQueries('main')/List").await), Vec::<Value>::new());
    assert_eq!(
        one(&sandbox, "select \"Status\", \"DraftEntry\" from OWDD"),
        json!({"Status": "W", "DraftEntry": draft.doc_entry})
    );
    assert_eq!(
        one(&sandbox, "select a.UserID, b.U_NAME from WDD1 a join OUSR b on a.UserID = b.USERID"),
        json!({"USERID": 1, "U_NAME": "李四"})
    );
}

#[tokio::test]
async fn transfer_drafts_stand_in_the_same_table() {
    let (sandbox, _client) = v1().await;
    let line = json!({"ItemCode": "RM-001", "Quantity": 1});
    let request = sandbox.b1().submit_draft(&json!({"DocumentLines": [line]})).unwrap();
    let transfer =
        json!({"FromWarehouse": "01", "ToWarehouse": "02", "StockTransferLines": [line]});
    let transfer = sandbox.b1().submit_draft(&transfer).unwrap();
    assert_ne!(request.doc_entry, transfer.doc_entry, "they share their numbers");
    let rows = sandbox.b1().sql(
        "select T0.\"ObjType\", T1.\"WhsCode\" from ODRF T0 join DRF1 T1 on T0.DocEntry = T1.DocEntry \
         order by T0.DocEntry",
    );
    assert_eq!(
        rows.unwrap(),
        [
            json!({"ObjType": "1470000113", "WhsCode": "01"}),
            json!({"ObjType": "67", "WhsCode": "02"}),
        ]
    );
}

#[tokio::test]
async fn free_sql_speaks_the_words_of_the_database() {
    let (sandbox, _client) = v1().await;
    sandbox.b1().edit("Items", "FG-001", &json!({"User_Text": null})).unwrap();
    assert_eq!(
        one(
            &sandbox,
            "select \"ItemCode\", ItemName, ifnull(\"UserText\", '-') as Note, \
             \"ItemCode\" || '/' || \"InvntryUom\" as \"Both\", left(ItemCode, 2) as l, \
             right(ItemCode, 3) as r from OITM where \"ItemCode\" = 'FG-001'"
        ),
        json!({"ItemCode": "FG-001", "ITEMNAME": "机箱", "NOTE": "-", "Both": "FG-001/台",
               "L": "FG", "R": "001"})
    );
    let dates = "select to_varchar(to_date(\"CreateDate\"), 'YYYY-MM-DD') as a, \
                 to_varchar(\"CreateDate\", 'YYYYMMDD') as b, days_between(\"CreateDate\", current_date) as c, \
                 to_varchar(add_days(current_date, 1)) as d, year(current_date) as y \
                 from OITM where \"ItemCode\" = 'FG-001' and \"CreateDate\" >= add_days(current_date, -1) \
                 and add_days(\"CreateDate\", 1) > '20200101'";
    let found = one(&sandbox, dates);
    let day = found["A"].as_str().unwrap();
    assert_eq!(found["B"], day.replace('-', ""));
    assert_eq!(found["C"], 0);
    assert_eq!(found["Y"].to_string(), day[..4]);
    // A comparison takes a day in every form.
    for form in [day.to_owned(), day.replace('-', ""), format!("{day}T00:00:00Z")] {
        let text = format!("select count(*) as n from OITM where CreateDate = '{form}'");
        assert_eq!(one(&sandbox, &text), json!({"N": 5}), "{form}");
    }
    assert_eq!(
        one(&sandbox, "select top 1 max(CreateDate) as \"day\" from OITM")["day"],
        day,
        "functions keep dates dates"
    );
    // Numbers and numbers in quotes are the same to the database; codes keep their case.
    assert_eq!(one(&sandbox, "select DocNum as n from ORDR where DocEntry = '1'"), json!({"N": 1}));
    let like = "select count(*) as n from OITM where ItemCode like 'fg%'";
    assert_eq!(one(&sandbox, like), json!({"N": 0}));
    assert_eq!(
        one(&sandbox, "select current_date as d from dummy")["D"].as_str().unwrap().len(),
        10
    );
    let boms = "select count(*) as n from OITT a join ITT1 b on a.\"Code\" = b.\"Father\"";
    assert_eq!(one(&sandbox, boms), json!({"N": 3}));
    let orders = "select a.\"Status\", sum(b.\"PlannedQty\") as q from OWOR a join WOR1 b \
                  on a.DocEntry = b.DocEntry where a.DocEntry = 1 group by a.\"Status\"";
    assert_eq!(one(&sandbox, orders), json!({"Status": "R", "Q": 1425.0}));
}

#[tokio::test]
async fn free_sql_refuses_what_it_cannot_do() {
    let (sandbox, _client) = v1().await;
    for (text, expected) in [
        ("delete from OITM", "701"),
        ("with x as (select 1 as a) delete from OITM", "701"),
        ("call TMDK('1','2','3')", "stored procedures"),
        ("select strftime('%Y') from OITM", "strftime"),
        ("select to_varchar(CreateDate, 'DAY') as d from OITM", "date format"),
        ("select AbsEntry from OSRT", "OSRT"),
        ("select body from entity", "702"),
        ("select name from sqlite_master", "702"),
    ] {
        let message = refused(&sandbox, text);
        assert!(message.contains(expected), "{text}: {message}");
    }
    let endless = "with recursive n(i) as (select 1 union all select i + 1 from n) \
                   select count(*) as c from n";
    assert!(refused(&sandbox, endless).contains("so long"));
    // The database is whole afterwards.
    assert_eq!(one(&sandbox, "select count(*) as n from ORDR"), json!({"N": 1}));
    assert_eq!(sandbox.b1().list("Items").unwrap().len(), 5);
}

#[tokio::test]
async fn user_tables_and_fields_are_columns_once_they_are_known() {
    let (sandbox, client) = v1().await;
    let b1 = sandbox.b1();
    b1.sql("select ItemCode from OITM").unwrap();
    assert!(refused(&sandbox, "select U_New from OITM").contains("703"));
    let field =
        json!({"TableName": "OITM", "Name": "New", "Type": "db_Float", "SubType": "st_Quantity"});
    b1.create("UserFieldsMD", &field).unwrap();
    b1.create("UserTablesMD", &json!({"TableName": "ROUTING", "TableType": "bott_NoObject"}))
        .unwrap();
    let field = json!({"TableName": "@ROUTING", "Name": "Hours", "Type": "db_Float", "SubType": "st_Quantity"});
    b1.create("UserFieldsMD", &field).unwrap();
    b1.create("U_ROUTING", &json!({"Code": "R1", "Name": "切割", "U_Hours": 1.25})).unwrap();
    b1.edit("Items", "FG-001", &json!({"U_New": 2.5})).unwrap();
    store(&client, "q", "select ItemCode, U_New from OITM where U_New > 2").await.expect(201);
    let found = rows(client.act("SQLQueries('q')/List").await);
    assert_eq!(found, [json!({"ItemCode": "FG-001", "U_New": 2.5})]);
    store(&client, "r", "select Name, U_Hours from [@ROUTING]").await.expect(201);
    let found = rows(client.act("SQLQueries('r')/List").await);
    assert_eq!(found, [json!({"Name": "切割", "U_Hours": 1.25})]);
}
