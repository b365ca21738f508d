//! `rounds.parquet`: the rows of `rounds.csv` as typed columns, which programs read by name and faster.
//!
//! It is converted from the finished CSV file in one pass. So a run that is resumed or merged from
//! shards needs no extra state for it, and both files have the same numbers by construction.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parquet::basic::{Compression, Encoding, LogicalType, Repetition, Type as Physical, ZstdLevel};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{ColumnPath, Type};

use crate::table::cell::{Column, Dtype};

/// Rows per group, which are held in memory: about 30 MB for a scenario with 180 columns.
const GROUP: usize = 16_384;

/// The values of a column in a group of rows; an empty cell has level 0 and no value.
enum Values {
    Text(Vec<ByteArray>),
    Int(Vec<i64>),
    Float(Vec<f64>),
    Bool(Vec<bool>),
}

/// A column while its group is filled.
struct Buffered<'a> {
    column: &'a Column,
    values: Values,
    /// 1 for a value, 0 for an empty cell.
    levels: Vec<i16>,
}

impl<'a> Buffered<'a> {
    fn new(column: &'a Column) -> Self {
        let values = match column.dtype {
            Dtype::Int64 => Values::Int(Vec::new()),
            Dtype::Float64 => Values::Float(Vec::new()),
            Dtype::Bool => Values::Bool(Vec::new()),
            Dtype::String | Dtype::Date => Values::Text(Vec::new()),
        };
        let levels = Vec::new();
        Self {
            column,
            values,
            levels,
        }
    }

    /// The declaration of the column: every one may have empty cells, as in the CSV file.
    fn declared(&self) -> Result<Type, ParquetError> {
        let (physical, logical) = match self.values {
            Values::Text(_) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Values::Int(_) => (Physical::INT64, None),
            Values::Float(_) => (Physical::DOUBLE, None),
            Values::Bool(_) => (Physical::BOOLEAN, None),
        };
        Type::primitive_type_builder(&self.column.name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical)
            .build()
    }

    /// Adds a cell as the CSV file has it.
    fn add(&mut self, cell: &str) -> io::Result<()> {
        self.levels.push(i16::from(!cell.is_empty()));
        if cell.is_empty() {
            return Ok(());
        }
        let (name, dtype) = (&self.column.name, self.column.dtype.name());
        let wrong = || io::Error::other(format!("column {name}: `{cell}`, expected {dtype}"));
        match &mut self.values {
            Values::Text(all) => all.push(cell.into()),
            Values::Int(all) => all.push(cell.parse().map_err(|_| wrong())?),
            Values::Float(all) => all.push(cell.parse().map_err(|_| wrong())?),
            Values::Bool(all) => all.push(cell.parse().map_err(|_| wrong())?),
        }
        Ok(())
    }

    /// Writes what was buffered, and clears it.
    fn write(&mut self, to: &mut ColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels = Some(self.levels.as_slice());
        match (&self.values, to) {
            (Values::Text(all), ColumnWriter::ByteArrayColumnWriter(to)) => {
                to.write_batch(all, levels, None)?;
            }
            (Values::Int(all), ColumnWriter::Int64ColumnWriter(to)) => {
                to.write_batch(all, levels, None)?;
            }
            (Values::Float(all), ColumnWriter::DoubleColumnWriter(to)) => {
                to.write_batch(all, levels, None)?;
            }
            (Values::Bool(all), ColumnWriter::BoolColumnWriter(to)) => {
                to.write_batch(all, levels, None)?;
            }
            _ => {
                let name = &self.column.name;
                return Err(ParquetError::General(format!("unexpected type of {name}")));
            }
        }
        self.levels.clear();
        match &mut self.values {
            Values::Text(all) => all.clear(),
            Values::Int(all) => all.clear(),
            Values::Float(all) => all.clear(),
            Values::Bool(all) => all.clear(),
        }
        Ok(())
    }
}

/// Writes a group of rows.
fn write_group<W: Write + Send>(
    writer: &mut SerializedFileWriter<W>,
    all: &mut [Buffered<'_>],
) -> Result<(), ParquetError> {
    let mut group = writer.next_row_group()?;
    for buffered in all {
        let Some(mut column) = group.next_column()? else {
            return Err(ParquetError::General("one column too many".to_owned()));
        };
        buffered.write(column.untyped())?;
        column.close()?;
    }
    group.close()?;
    Ok(())
}

/// Writes the rows of a CSV file as Parquet. The bytes depend on the rows alone.
///
/// # Errors
/// When the CSV file cannot be read or does not have these `columns`, or rows cannot be written.
pub fn write_parquet<R: Read, W: Write + Send>(
    from: R,
    to: W,
    columns: &[Column],
) -> io::Result<()> {
    let failed = |e: ParquetError| io::Error::other(e.to_string());
    let mut all: Vec<Buffered<'_>> = columns.iter().map(Buffered::new).collect();
    let fields: Result<Vec<_>, _> = all.iter().map(|g| g.declared().map(Arc::new)).collect();
    let schema = Type::group_type_builder("rounds")
        .with_fields(fields.map_err(failed)?)
        .build()
        .map_err(failed)?;
    let mut properties = WriterProperties::builder()
        // The version of the library is not part of the result.
        .set_created_by("kzsim".to_owned())
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3).map_err(failed)?));
    // Drawn numbers rarely repeat: splitting them into streams of bytes compresses best.
    for column in columns.iter().filter(|c| c.dtype == Dtype::Float64) {
        let path = ColumnPath::from(column.name.clone());
        properties = properties
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path, Encoding::BYTE_STREAM_SPLIT);
    }
    let properties = properties.build();
    let mut writer =
        SerializedFileWriter::new(to, Arc::new(schema), Arc::new(properties)).map_err(failed)?;
    let mut reader = csv::Reader::from_reader(from);
    if !reader.headers()?.iter().eq(columns.iter().map(|c| &c.name)) {
        return Err(io::Error::other(
            "the header differs from the manifest's columns",
        ));
    }
    let mut record = csv::StringRecord::new();
    let mut rows = 0;
    while reader.read_record(&mut record)? {
        for (buffered, cell) in all.iter_mut().zip(&record) {
            buffered.add(cell)?;
        }
        rows += 1;
        if rows % GROUP == 0 {
            write_group(&mut writer, &mut all).map_err(failed)?;
        }
    }
    if rows % GROUP > 0 {
        write_group(&mut writer, &mut all).map_err(failed)?;
    }
    writer.close().map_err(failed)?;
    Ok(())
}

/// A file whose reading fails once `stop` is set.
struct Watched<'a> {
    file: File,
    stop: &'a AtomicBool,
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(io::Error::other("stopped"));
        }
        self.file.read(buffer)
    }
}

/// Converts a file unless `stop` is set meanwhile; returns what was written, still open.
pub(super) fn convert(
    file: File,
    to: File,
    columns: &[Column],
    stop: &AtomicBool,
) -> io::Result<File> {
    let mut to = BufWriter::with_capacity(1 << 17, to);
    let from = BufReader::with_capacity(1 << 17, Watched { file, stop });
    write_parquet(from, &mut to, columns)?;
    to.into_inner().map_err(io::IntoInnerError::into_error)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::RowAccessor;

    use super::*;

    fn columns() -> Vec<Column> {
        vec![
            Column::new::<String>("name", None, ""),
            Column::new::<u64>("n", None, ""),
            Column::new::<f64>("x", None, ""),
            Column::new::<bool>("is", None, ""),
        ]
    }

    fn written(csv: &str) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        write_parquet(csv.as_bytes(), &mut out, &columns())?;
        Ok(out)
    }

    #[test]
    fn rows_come_back_over_several_groups_with_their_gaps() {
        let rows = GROUP * 2 + 3;
        let mut csv = "name,n,x,is\n".to_owned();
        for i in 0..rows {
            let x = if i % 3 == 0 {
                String::new()
            } else {
                format!("{:?}", i as f64 / 7.0)
            };
            writeln!(csv, "\"a, {}\",{i},{x},{}", i % 5, i % 2 == 0).unwrap();
        }
        let bytes = written(&csv).unwrap();
        assert_eq!(bytes, written(&csv).unwrap(), "the bytes differ");
        let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).unwrap();
        assert_eq!(reader.metadata().num_row_groups(), 3);
        let mut seen = 0;
        for (i, row) in reader.get_row_iter(None).unwrap().enumerate() {
            let row = row.unwrap();
            assert_eq!(row.get_string(0).unwrap(), &format!("a, {}", i % 5));
            assert_eq!(row.get_long(1).unwrap(), i64::try_from(i).unwrap());
            if i % 3 == 0 {
                assert!(row.get_double(2).is_err(), "row {i} should have a gap");
            } else {
                assert_eq!(row.get_double(2).unwrap(), i as f64 / 7.0);
            }
            assert_eq!(row.get_bool(3).unwrap(), i % 2 == 0);
            seen += 1;
        }
        assert_eq!(seen, rows);
    }

    #[test]
    fn cells_of_another_type_are_reported() {
        let error = written("name,n,x,is\na,1.5,2.0,true\n").unwrap_err();
        assert_eq!(error.to_string(), "column n: `1.5`, expected int64");
        let error = written("name,n,y,is\na,1,2.0,true\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the header differs from the manifest's columns"
        );
    }

    #[test]
    fn no_rows_are_a_file_with_columns() {
        let bytes = written("name,n,x,is\n").unwrap();
        let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).unwrap();
        assert_eq!(reader.metadata().file_metadata().num_rows(), 0);
        assert_eq!(
            reader
                .metadata()
                .file_metadata()
                .schema_descr()
                .num_columns(),
            4
        );
    }
}
