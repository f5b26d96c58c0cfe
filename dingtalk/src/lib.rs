//! Typed async client for DingTalk (钉钉) approvals.
