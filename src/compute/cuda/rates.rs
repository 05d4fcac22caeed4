//! What the device's own clock says.

use super::{
    fault::{Done, Fault},
    launch::{Memory, Stream},
    product::{Product, Tile},
    verbs::Cuda,
};
use crate::compute::DeviceTimes;

/// Times a product is made, of which the shortest counts.
const TRIES: usize = 3;

/// Who multiplies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceRates {
    /// Our kernel, in the processor's order.
    Ours,
    /// dsyrk of cuBLAS.
    CuBlas,
}

impl Cuda {
    /// What the device's clock says of everything that `act` asks of it: lanes work one after the other
    /// meanwhile.
    pub fn timed<T>(&self, act: impl FnOnce(&Self) -> T) -> (T, DeviceTimes) {
        self.device.time(true);
        let answer = act(self);
        (answer, self.device.time(false))
    }

    /// Milliseconds that the squares of `order` columns of `rows` rows take on the device, without copies;
    /// `None` without cuBLAS, or without room.
    pub fn square_millis(&self, order: usize, rows: usize, by: DeviceRates) -> Option<f64> {
        match self.squares(order, rows, by) {
            Ok(millis) => millis,
            Err(fault) => {
                if let Fault::Lost(why) = fault {
                    self.device.lose(why);
                }
                None
            }
        }
    }

    fn squares(&self, order: usize, rows: usize, by: DeviceRates) -> Done<Option<f64>> {
        let driver = &self.device.driver;
        // Numbers of the size of one, from their places.
        let columns = self.device.filled(order * rows, |words, target| {
            for (word, cell) in words.zip(target) {
                *cell = ((word * 2_654_435_761 % 1_000_003) as f64 / 1_000_003.0 - 0.5).to_bits();
            }
        })?;
        let cells = Memory::new(driver, order * order)?;
        let whole = Tile { sides: [0, 0], problem: 0, counts: [order, order] };
        let tile = self.device.filled(whole.words().len(), |words, target| {
            target.copy_from_slice(&whole.words()[words]);
        })?;
        let product = Product {
            left: columns.at(0),
            right: columns.at(0),
            cells: cells.at(0),
            tiles: tile.at(0),
            count: 1,
            most: [order, order],
            rows,
            stride: rows,
            cell_stride: order,
            triangle: true,
            ..Product::default()
        };
        let stream = Stream::new(driver)?;
        let mut least = f64::INFINITY;
        for _ in 0..=TRIES {
            let millis = match (by, &driver.blas) {
                (DeviceRates::Ours, _) => stream.timed(|| product.exact(&stream))?,
                (DeviceRates::CuBlas, Some(blas)) => {
                    stream.timed(|| blas.squares(&stream, &product, 1.0))?
                }
                (DeviceRates::CuBlas, None) => return Ok(None),
            };
            least = least.min(millis);
        }
        Ok(Some(least))
    }
}
