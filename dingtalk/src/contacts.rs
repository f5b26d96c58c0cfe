//! People and departments (通讯录).

