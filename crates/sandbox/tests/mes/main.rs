//! The simulated MES over HTTP, with a client that is not ours.

#![allow(clippy::unwrap_used)] // helpers of tests fail by panicking, too

mod callbacks;
mod closing;
mod gateway;
mod management;
mod materials;
mod receiver;
mod shop_floor;
mod support;
mod work_orders;
mod work_orders_v2;
