//! Standard A1 policy types (O-RAN.WG2.A1TD): their ids and the two generations of shapes that are met.
//!
//! A type id is a name and a version, `ORAN_SliceSLATarget_1.0.0`. The version decides the shape of the policy, so a
//! policy is never written in one generation under the id of the other.

use serde::{Deserialize, Serialize};

/// A standard policy type, without its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum PolicyKind {
    /// What a slice gets and may take.
    SliceSLATarget,
    /// What a QoS flow gets.
    QoSTarget,
    /// What a user should experience.
    QoETarget,
    /// Which cells to prefer or to avoid.
    TrafficSteeringPreference,
    /// QoS targets and cells together.
    QoSandTSP,
    /// QoE targets and cells together.
    QoEandTSP,
    /// What one user equipment gets.
    UELevelTarget,
    /// How full cells should be, and where load may go.
    LoadBalancing,
    /// How much energy cells should save.
    EnergySaving,
}

impl PolicyKind {
    /// All types, each with its name in type ids.
    pub const ALL: [(PolicyKind, &'static str); 9] = [
        (Self::SliceSLATarget, "SliceSLATarget"),
        (Self::QoSTarget, "QoSTarget"),
        (Self::QoETarget, "QoETarget"),
        (Self::TrafficSteeringPreference, "TrafficSteeringPreference"),
        (Self::QoSandTSP, "QoSandTSP"),
        (Self::QoEandTSP, "QoEandTSP"),
        (Self::UELevelTarget, "UELevelTarget"),
        (Self::LoadBalancing, "LoadBalancing"),
        (Self::EnergySaving, "EnergySaving"),
    ];

    /// The name in type ids.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| word)
    }

    /// The first major version with the shape of the current generation.
    fn current_since(self) -> u16 {
        match self {
            // SliceSLATarget 3 has the objectives of 4 (delay, loss, jitter, priority).
            Self::SliceSLATarget => 3,
            Self::UELevelTarget => 4,
            // These two came after generation 2.0.0, so there is one shape only.
            Self::LoadBalancing | Self::EnergySaving => 0,
            _ => 4,
        }
    }
}

/// The shape of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Generation {
    /// 2.0.0: a user equipment is 16 hexadecimal digits.
    Second,
    /// A1TD R004 and what leads to it: a user equipment is an object, a slice has delays and priorities.
    Current,
}

/// The id of a standard policy type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyType {
    /// Which type.
    pub kind: PolicyKind,
    /// Major, minor and patch version.
    pub version: (u16, u16, u16),
}

impl PolicyType {
    /// The type with this id, `ORAN_NAME_x.y.z`.
    pub fn parse(id: &str) -> Option<Self> {
        let (name, version) = id.strip_prefix("ORAN_")?.rsplit_once('_')?;
        let kind = PolicyKind::ALL.iter().find(|(_, word)| *word == name)?.0;
        let mut parts = version.split('.').map(|part| {
            let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse::<u16>().ok().filter(|number| digits && number.to_string() == part)
        });
        let version = (parts.next()??, parts.next()??, parts.next()??);
        parts.next().is_none().then_some(Self { kind, version })
    }

    /// The shape of its policies.
    pub fn generation(self) -> Generation {
        if self.version.0 >= self.kind.current_since() { Generation::Current } else { Generation::Second }
    }

    /// The end of the id of a policy of this type: an id is unique over all types of a RIC.
    pub fn suffix(self) -> String {
        let (major, minor, patch) = self.version;
        format!("{}-{major}.{minor}.{patch}", self.kind.word())
    }
}

impl std::fmt::Display for PolicyType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (major, minor, patch) = self.version;
        write!(f, "ORAN_{}_{major}.{minor}.{patch}", self.kind.word())
    }
}

impl Serialize for PolicyType {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PolicyType {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        Self::parse(&id).ok_or_else(|| serde::de::Error::custom(format!("`{id}` is no standard policy type")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_as_they_print_and_say_their_generation() {
        for (id, generation) in [
            ("ORAN_SliceSLATarget_1.0.0", Generation::Second),
            ("ORAN_SliceSLATarget_4.0.1", Generation::Current),
            ("ORAN_QoSTarget_2.0.0", Generation::Second),
            ("ORAN_QoSTarget_6.0.0", Generation::Current),
            ("ORAN_UELevelTarget_1.0.0", Generation::Second),
            ("ORAN_EnergySaving_3.0.1", Generation::Current),
        ] {
            let kind = PolicyType::parse(id).unwrap();
            assert_eq!((kind.to_string().as_str(), kind.generation()), (id, generation));
        }
        for id in [
            "ORAN_QoSTarget",
            "ORAN_QoSTarget_2.0",
            "ORAN_QoSTarget_2.0.0.0",
            "ORAN_QosTarget_2.0.0",
            "ORAN_QoSTarget_02.0.0",
        ] {
            assert_eq!(PolicyType::parse(id), None, "{id}");
        }
    }
}
