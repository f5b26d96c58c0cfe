//! The request: SOAP in the style of Axis 1 (rpc/encoded).

use super::Config;

/// `login(userName, password, slnName, dcName, language, dbType[, authPattern[, isEncodePwd]])`.
pub(super) fn login(config: &Config) -> String {
    let mut body = String::new();
    let mut argument = |name: &str, kind: &str, value: &str| {
        let value = escaped(value);
        body.push_str(&format!("<{name} xsi:type=\"xsd:{kind}\">{value}</{name}>"));
    };
    argument("userName", "string", &config.user);
    argument("password", "string", config.password.expose());
    argument("slnName", "string", &config.solution);
    argument("dcName", "string", &config.data_center);
    argument("language", "string", &config.language);
    argument("dbType", "int", &config.database.number().to_string());
    if let Some(pattern) = &config.auth_pattern {
        argument("authPattern", "string", pattern);
        if let Some(encoded) = config.encoded_password {
            argument("isEncodePwd", "int", if encoded { "1" } else { "0" });
        }
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Body>\
         <ns1:login soapenv:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\" \
         xmlns:ns1=\"urn:client\">{body}</ns1:login></soapenv:Body></soapenv:Envelope>"
    )
}

/// Text as it stands between tags. Characters that XML cannot carry are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' => out.push(c),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_escaped_and_in_order() {
        let config = Config::new("http://h/ormrpc/services/", "DC<1>", "a&b", "p\"w");
        let text = login(&config);
        let arguments = "<userName xsi:type=\"xsd:string\">a&amp;b</userName>\
            <password xsi:type=\"xsd:string\">p&quot;w</password>\
            <slnName xsi:type=\"xsd:string\">eas</slnName>\
            <dcName xsi:type=\"xsd:string\">DC&lt;1&gt;</dcName>\
            <language xsi:type=\"xsd:string\">L2</language>\
            <dbType xsi:type=\"xsd:int\">1</dbType></ns1:login>";
        assert!(text.contains(arguments), "{text}");
    }

    #[test]
    fn the_overloads_have_seven_and_eight_arguments() {
        let mut config = Config::new("http://h/ormrpc/services/", "DC", "u", "p");
        config.auth_pattern = Some("BaseDB".to_owned());
        let ends =
            |config: &Config, end: &str| login(config).contains(&format!("{end}</ns1:login>"));
        assert!(ends(&config, "BaseDB</authPattern>"));
        config.encoded_password = Some(false);
        assert!(ends(&config, "<isEncodePwd xsi:type=\"xsd:int\">0</isEncodePwd>"));
    }
}
