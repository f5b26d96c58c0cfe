//! `$select` and `$orderby`.

use std::fmt;
use std::marker::PhantomData;

use crate::query::Options;
use crate::{Error, Field, Result};

/// One column of `$orderby`, from [`Field::asc`] or [`Field::desc`].
#[must_use]
pub struct OrderBy<E> {
    text: String,
    problem: Option<String>,
    types: PhantomData<fn() -> E>,
}

impl<E> OrderBy<E> {
    pub(crate) fn checked(&self) -> Result<&str> {
        match &self.problem {
            None => Ok(&self.text),
            Some(problem) => Err(Error::invalid(format!("order_by: {problem}"))),
        }
    }
}

impl<E> Clone for OrderBy<E> {
    fn clone(&self) -> Self {
        Self { text: self.text.clone(), problem: self.problem.clone(), types: PhantomData }
    }
}

impl<E> fmt::Debug for OrderBy<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OrderBy({})", self.text)
    }
}

impl<E, T> Field<E, T> {
    /// Smallest first.
    pub fn asc(&self) -> OrderBy<E> {
        self.order("asc")
    }

    /// Largest first.
    pub fn desc(&self) -> OrderBy<E> {
        self.order("desc")
    }

    fn order(&self, direction: &str) -> OrderBy<E> {
        OrderBy {
            text: format!("{} {direction}", self.name()),
            problem: self.problem(),
            types: PhantomData,
        }
    }
}

/// Properties for `$select`: one [`Field`], or a tuple of up to twelve.
pub trait Select<E> {
    /// Adds the wire names.
    ///
    /// # Errors
    /// When a name cannot be that of a property.
    fn names(&self, names: &mut Vec<String>) -> Result<()>;
}

impl<E, T> Select<E> for Field<E, T> {
    fn names(&self, names: &mut Vec<String>) -> Result<()> {
        if let Some(problem) = self.problem() {
            return Err(Error::invalid(format!("select: {problem}")));
        }
        if !names.iter().any(|known| known == self.name()) {
            names.push(self.name().to_owned());
        }
        Ok(())
    }
}

impl<E, T> Select<E> for Vec<Field<E, T>> {
    fn names(&self, names: &mut Vec<String>) -> Result<()> {
        self.iter().try_for_each(|field| field.names(names))
    }
}

macro_rules! tuples {
    ($($first:ident $($rest:ident)*)?) => {$(
        impl<E, $first: Select<E>, $($rest: Select<E>),*> Select<E> for ($first, $($rest,)*) {
            fn names(&self, names: &mut Vec<String>) -> Result<()> {
                #[allow(non_snake_case)]
                let ($first, $($rest,)*) = self;
                $first.names(names)?;
                $($rest.names(names)?;)*
                Ok(())
            }
        }
        tuples!($($rest)*);
    )?};
}
tuples!(A B C D F G H I J K L M);

/// `$select` and `$expand` as they are collected by a builder.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    names: Vec<String>,
    expand: Vec<String>,
    problem: Option<Error>,
}

impl Selection {
    pub(crate) fn select<E>(&mut self, fields: &impl Select<E>) {
        if let Err(problem) = fields.names(&mut self.names) {
            self.problem.get_or_insert(problem);
        }
    }

    pub(crate) fn expand(&mut self, navigation: impl Into<String>) {
        self.expand.push(navigation.into());
    }

    /// Adds a property, if a selection was made at all.
    pub(crate) fn also(&mut self, name: &str) {
        if !self.is_all() && !self.names.iter().any(|known| known == name) {
            self.names.push(name.to_owned());
        }
    }

    /// Whether every property is asked for.
    pub(crate) fn is_all(&self) -> bool {
        self.names.is_empty()
    }

    pub(crate) fn apply(&self, options: &mut Options) -> Result<()> {
        if let Some(problem) = &self.problem {
            return Err(problem.clone());
        }
        if !self.names.is_empty() {
            options.set("$select", self.names.join(","));
        }
        if !self.expand.is_empty() {
            options.set("$expand", self.expand.join(","));
        }
        Ok(())
    }
}
