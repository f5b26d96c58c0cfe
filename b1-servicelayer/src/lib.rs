//! Typed async client for the SAP Business One Service Layer.
