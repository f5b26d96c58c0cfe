use crate::entities::User;
use crate::{Client, Result};

impl Client {
    /// `POST /UsersService_GetCurrentUser`: the user of the session (当前用户).
    ///
    /// Its `internal_key` is what approval lines and documents name their users by.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn current_user(&self) -> Result<User> {
        let answer = self.service("UsersService_GetCurrentUser", &()).read_only().await?;
        answer.entity()
    }
}
