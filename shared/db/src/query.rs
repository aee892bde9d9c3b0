//! The few helpers that every query goes through.

use crate::DbError;
use deadpool_postgres::GenericClient;
use serde::{Serialize, de::DeserializeOwned};
use std::str::FromStr;
use tokio_postgres::{
    Row,
    types::{FromSql, Json, ToSql},
};

/// A query of `src/queries`.
macro_rules! sql {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/queries/", $name, ".sql"))
    };
}
pub(crate) use sql;

pub(crate) type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

pub(crate) async fn rows(
    client: &impl GenericClient,
    operation: &'static str,
    sql: &str,
    params: Params<'_>,
) -> Result<Vec<Row>, DbError> {
    let failed = |source| DbError::Query { operation, source };
    let statement = client.prepare_cached(sql).await.map_err(failed)?;
    client.query(&statement, params).await.map_err(failed)
}

pub(crate) async fn optional(
    client: &impl GenericClient,
    operation: &'static str,
    sql: &str,
    params: Params<'_>,
) -> Result<Option<Row>, DbError> {
    Ok(rows(client, operation, sql, params).await?.into_iter().next())
}

/// What is read of the row, where there is one.
pub(crate) async fn find<T>(
    client: &impl GenericClient,
    operation: &'static str,
    sql: &str,
    params: Params<'_>,
    read: impl Fn(&Row) -> Result<T, DbError>,
) -> Result<Option<T>, DbError> {
    optional(client, operation, sql, params).await?.as_ref().map(read).transpose()
}

pub(crate) async fn one(
    client: &impl GenericClient,
    operation: &'static str,
    sql: &str,
    params: Params<'_>,
) -> Result<Row, DbError> {
    optional(client, operation, sql, params)
        .await?
        .ok_or_else(|| DbError::Unreadable { operation, what: "no row".to_owned() })
}

/// Runs a statement and returns how many rows it touched.
pub(crate) async fn execute(
    client: &impl GenericClient,
    operation: &'static str,
    sql: &str,
    params: Params<'_>,
) -> Result<u64, DbError> {
    let failed = |source| DbError::Query { operation, source };
    let statement = client.prepare_cached(sql).await.map_err(failed)?;
    client.execute(&statement, params).await.map_err(failed)
}

const READ: &str = "reading a row";

pub(crate) fn get<'a, T: FromSql<'a>>(row: &'a Row, column: &str) -> Result<T, DbError> {
    row.try_get(column).map_err(|source| DbError::Query { operation: READ, source })
}

/// A number that the schema keeps from being negative.
pub(crate) fn count(row: &Row, column: &str) -> Result<u32, DbError> {
    get::<i32>(row, column).map(|number| number as u32)
}

pub(crate) fn maybe_count(row: &Row, column: &str) -> Result<Option<u32>, DbError> {
    Ok(get::<Option<i32>>(row, column)?.map(|number| number as u32))
}

/// A name of one of the domain's enums.
pub(crate) fn name<T: FromStr>(row: &Row, column: &str) -> Result<T, DbError> {
    let text: &str = get(row, column)?;
    text.parse().map_err(|_| DbError::Unreadable { operation: READ, what: format!("{column} {text:?}") })
}

pub(crate) fn maybe_name<T: FromStr>(row: &Row, column: &str) -> Result<Option<T>, DbError> {
    match get::<Option<&str>>(row, column)? {
        Some(_) => name(row, column).map(Some),
        None => Ok(None),
    }
}

pub(crate) fn json<T: DeserializeOwned>(row: &Row, column: &str) -> Result<T, DbError> {
    maybe_json(row, column)?.ok_or_else(|| DbError::Unreadable { operation: READ, what: format!("no {column}") })
}

pub(crate) fn maybe_json<T: DeserializeOwned>(row: &Row, column: &str) -> Result<Option<T>, DbError> {
    let value: Option<serde_json::Value> = get(row, column)?;
    value
        .map(serde_json::from_value)
        .transpose()
        .map_err(|error| DbError::Unreadable { operation: READ, what: format!("{column}: {error}") })
}

/// A value for a jsonb column.
pub(crate) fn as_json<T: Serialize + std::fmt::Debug>(value: &T) -> Json<&T> {
    Json(value)
}
