//! What the platform's sentences mean.

/// What an answer without a code means. Each has [`advice`](Self::advice).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Diagnosis {
    /// `secret解密失败`: the server cannot decrypt the secret.
    SecretDecrypt,
    /// `认证信息错误`: decrypted, but it is not the secret of this application.
    BadSecret,
    /// The `appid` is not licensed.
    UnknownAppId,
    /// A login page or `登录信息超时` where an API should answer.
    FilterBlocked,
    /// `token不存在或者超时`, also after the token was renewed.
    TokenRefused,
    /// `登录信息超时` (002), also after the token was renewed.
    NoSession,
    /// `该账号存在异常`: the account of the user is locked, left or invalid.
    AccountAbnormal,
    /// `解密失败`: the server cannot decrypt the header `userid`.
    UserDecrypt,
    /// `PARAM_ERROR` with `{"workflowId":0}`, which says nothing about the real fault.
    MisleadingParameters,
    /// HTTP 500 with a page: a bug of old patches.
    ServerPatch,
    /// The endpoint does not exist on this server.
    NotInstalled,
    /// The body is larger than the servlet container takes.
    TooLarge,
    /// `HeaderError:系统标识或密码不正确`: system identifier or password of the modelling engine.
    CubeCredentials,
    /// `HeaderError:数据请求超时`: the clocks differ by more than ten minutes.
    ClockSkew,
    /// `json解析异常`: the modelling engine got no JSON it could read.
    CubeJson,
}

impl Diagnosis {
    /// What to do about it.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::SecretDecrypt => {
                "spk does not belong to this server any more: somebody called regist again, or it \
                 was copied wrongly; enter spk and secret anew, do not register again. A second \
                 crypto library on the OA server (bcprov) has the same effect"
            }
            Self::BadSecret => "enter the secret that regist answered for this appid",
            Self::UnknownAppId => {
                "the appid has to stand in the table ECOLOGY_BIZ_EC; after inserting it, reload the \
                 cache (/commcache/cacheMonitor.jsp)"
            }
            Self::FilterBlocked => {
                "the session filter stopped the call: unchecksessionurl in \
                 weaver_session_filter.properties must contain /api/ec/dev/auth/regist and \
                 /api/ec/dev/auth/applytoken; also check base_url and allowIp"
            }
            Self::TokenRefused => {
                "a token just issued is unknown: in a cluster this means that the nodes do not share \
                 their token store (Redis)"
            }
            Self::NoSession => {
                "the server built no session: a proxy in front drops the headers token, appid or \
                 userid, or the address is not let through by the session filter"
            }
            Self::AccountAbnormal => {
                "the account of this OA user is locked, left or invalid, or the OA licence expired"
            }
            Self::UserDecrypt => {
                "the server cannot decrypt the user id: spk is not the key it uses now; enter spk \
                 and secret anew, do not register again"
            }
            Self::MisleadingParameters => {
                "the server could not read the parameters: check the workflow id, and that the form \
                 data is not larger than the server takes"
            }
            Self::ServerPatch => {
                "a page instead of an answer: patches up to KB900210208 do this on token calls, and so \
                 does a second crypto library (bcprov) on the OA server"
            }
            Self::NotInstalled => {
                "this patch does not have the endpoint, or the interface identifier is unknown: \
                 check base_url and the OA's patch level"
            }
            Self::TooLarge => "raise the POST limit of the OA's servlet container, or send less",
            Self::CubeCredentials => {
                "check systemid and password against the authorisation entry of the interface"
            }
            Self::ClockSkew => {
                "the clocks of this machine and of the OA server differ by more than ten minutes, or \
                 utc_offset_minutes is wrong"
            }
            Self::CubeJson => "the server could not read datajson: it may have been cut off",
        }
    }
}
