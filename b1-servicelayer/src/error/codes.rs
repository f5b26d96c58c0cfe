//! Codes of the Service Layer, what they mean and what to do about them.
//!
//! Compare them with [`ApiError::number`](crate::ApiError::number).

/// The session is missing, unknown or expired. The client logs in again once by itself.
pub const SESSION_INVALID: i64 = 301;
/// Company, user or password is wrong. Do not repeat: users get locked out.
pub const LOGIN_FAILED: i64 = 100_000_027;
/// The user is locked. An administrator must unlock it.
pub const USER_LOCKED: i64 = 100_000_055;
/// The company could not be opened: wrong database name, no licence, or busy.
pub const SWITCH_COMPANY: i64 = 305;
/// No matching record. On the creation of a document it may also mean that a draft was saved
/// because an approval template applies: look into the drafts before you repeat it.
pub const NO_MATCHING_RECORD: i64 = -2028;
/// The entry exists already. Read it and decide.
pub const ALREADY_EXISTS: i64 = -2035;
/// Somebody else changed the entity (ETag). Read it again, apply the change again.
pub const CHANGED_MEANWHILE: i64 = -2039;
/// A business rule refused; the message and its sub-code say which. Show it to a person.
pub const BUSINESS_RULE: i64 = -10;
/// Sub-code of [`BUSINESS_RULE`]: the code of a business partner is taken.
pub const SUB_PARTNER_EXISTS: i64 = 1_320_000_140;
/// The request is malformed (batch, cross join, query options): a mistake of the caller.
pub const MALFORMED_REQUEST: i64 = -1000;
/// The transaction was rolled back, typically by the company's own notification procedure.
/// Repeat it by hand after the data was corrected.
pub const TRANSACTION_ROLLED_BACK: i64 = -1116;
/// A query option is not supported: a mistake of the caller.
pub const UNSUPPORTED_QUERY: i64 = 201;
/// The body of an update has a wrong type, enum or structure: a mistake of the caller.
pub const BAD_PATCH_CONTENT: i64 = 206;
/// The DI API refused for the reason in the message.
pub const REFUSED_BY_DI_API: i64 = -5002;
/// The object, or its state, does not allow this action.
pub const ACTION_NOT_SUPPORTED: i64 = -5006;
/// The user may not do this; also for deciding on somebody else's approval line.
pub const NOT_PERMITTED: i64 = -6006;
/// The field cannot be updated.
pub const FIELD_NOT_UPDATABLE: i64 = -1029;
/// The draft was changed after its approval and cannot become a document. Send the whole draft,
/// or have it approved anew.
pub const DRAFT_CHANGED: i64 = 234_000_127;
/// The text of a stored SQL query is not taken: syntax, `*`, something else than `SELECT`, a function
/// that is not supported, a computed column without an alias or an alias used twice.
pub const SQL_INVALID: i64 = 701;
/// A stored SQL query names a table that it may not read. Sites adjust the list.
pub const SQL_TABLE: i64 = 702;
/// A stored SQL query names a column that it may not read.
pub const SQL_COLUMN: i64 = 703;
/// A parameter of a stored SQL query is missing, unknown or unreadable.
pub const SQL_PARAMETER: i64 = 704;
/// The user may not read this SQL view.
pub const VIEW_NOT_PERMITTED: i64 = 804;
