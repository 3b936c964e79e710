//! Indexes of the columns of a [`Network`](crate::network::Network), and the column type.
//!
//! Every entity has its own index type, so that a cell's number can never be used where a tenant's is meant.

use serde::{Deserialize, Serialize};

/// An index type of a [`Column`].
pub trait Id: Copy + Ord {
    /// The id of the element at `index`.
    fn from_index(index: usize) -> Self;
    /// The position in the column.
    fn index(self) -> usize;
}

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident;)*) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub u32);

        impl Id for $name {
            fn from_index(index: usize) -> Self {
                // INVARIANT: the resolver refuses networks of more than u32::MAX entities of a kind.
                Self(index as u32)
            }
            fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

ids! {
    /// A site.
    SiteId;
    /// An area.
    AreaId;
    /// A tenant.
    TenantId;
    /// A node.
    NodeId;
    /// An NR or LTE cell.
    CellId;
    /// A Wi-Fi radio.
    RadioId;
    /// An Ethernet port.
    PortId;
    /// A link between two nodes.
    LinkId;
    /// A chunk.
    ChunkId;
    /// A service.
    ServiceId;
    /// An SLA.
    SlaId;
    /// A near-RT RIC to place.
    RicId;
    /// A model of the catalog.
    ModelId;
    /// A request.
    RequestId;
    /// A policy for near-RT RICs.
    PolicyId;
}

/// A vector indexed by its own id type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Column<I, T> {
    items: Vec<T>,
    #[serde(skip)]
    marker: std::marker::PhantomData<I>,
}

impl<I, T> Default for Column<I, T> {
    fn default() -> Self {
        Self { items: Vec::new(), marker: std::marker::PhantomData }
    }
}

impl<I: Id, T> Column<I, T> {
    /// An empty column.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends an element and returns its id.
    pub fn push(&mut self, item: T) -> I {
        self.items.push(item);
        I::from_index(self.items.len() - 1)
    }

    /// The element numbered `id`, if there is one.
    pub fn get(&self, id: I) -> Option<&T> {
        self.items.get(id.index())
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// All ids and elements, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (I, &T)> + ExactSizeIterator {
        self.items.iter().enumerate().map(|(index, item)| (I::from_index(index), item))
    }

    /// All ids and elements, in order, to change them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (I, &mut T)> {
        self.items.iter_mut().enumerate().map(|(index, item)| (I::from_index(index), item))
    }

    /// All ids, in order.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = I> + ExactSizeIterator + use<I, T> {
        (0..self.items.len()).map(I::from_index)
    }

    /// The elements as a slice.
    pub fn as_slice(&self) -> &[T] {
        &self.items
    }
}

impl<I: Id, T> std::ops::Index<I> for Column<I, T> {
    type Output = T;
    fn index(&self, id: I) -> &T {
        &self.items[id.index()]
    }
}

impl<I: Id, T> std::ops::IndexMut<I> for Column<I, T> {
    fn index_mut(&mut self, id: I) -> &mut T {
        &mut self.items[id.index()]
    }
}

impl<I, T> FromIterator<T> for Column<I, T> {
    fn from_iter<U: IntoIterator<Item = T>>(items: U) -> Self {
        Self { items: items.into_iter().collect(), marker: std::marker::PhantomData }
    }
}
