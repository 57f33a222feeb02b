//! The edits once more, in the plainest way: on a tree of nodes that own what they have.

use devicetree::Devicetree;
use devicetree::edit::Edits;

use super::{STRINGS_OFFSET, STRUCTURE_OFFSET, word};

/// A node with all that is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub name: String,
    pub properties: Vec<(String, Vec<u8>)>,
    pub children: Vec<Node>,
}

/// A seed for the model: what [`devicetree::Seeds`] makes of it cannot be read back.
#[derive(Clone, Debug)]
pub struct SeedBytes {
    pub kaslr: Vec<u8>,
    pub rng: Vec<u8>,
}

impl Node {
    /// The tree in a good blob.
    pub fn read(blob: &[u8]) -> Self {
        let mut offset = word(blob, STRUCTURE_OFFSET) as usize;
        let mut outside = Self::new("outside");
        outside.read_children(blob, &mut offset);
        outside.children.remove(0)
    }

    pub fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            properties: Vec::new(),
            children: Vec::new(),
        }
    }

    fn read_children(&mut self, blob: &[u8], offset: &mut usize) {
        loop {
            let token = word(blob, *offset);
            *offset += 4;
            match token {
                1 => {
                    let name = text(blob, *offset);
                    *offset = (*offset + name.len() + 1).next_multiple_of(4);
                    let mut child = Self::new(&name);
                    child.read_children(blob, offset);
                    self.children.push(child);
                }
                3 => {
                    let (size, name) = (word(blob, *offset) as usize, word(blob, *offset + 4));
                    let name = text(blob, word(blob, STRINGS_OFFSET) as usize + name as usize);
                    *offset += 8;
                    self.properties.push((name, blob[*offset..*offset + size].to_vec()));
                    *offset = (*offset + size).next_multiple_of(4);
                }
                4 => {}
                _ => return,
            }
        }
    }

    pub fn child(&mut self, name: &str) -> Option<&mut Self> {
        self.children.iter_mut().find(|child| child.name == name)
    }

    pub fn get(&self, name: &str) -> Option<&[u8]> {
        let property = self.properties.iter().find(|(known, _)| known == name);
        property.map(|(_, value)| value.as_slice())
    }

    pub fn set(&mut self, name: &str, value: &[u8]) {
        match self.properties.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value.to_vec(),
            None => self.properties.push((name.into(), value.to_vec())),
        }
    }

    fn set_or_remove(&mut self, name: &str, value: Option<Vec<u8>>) {
        match value {
            Some(value) => self.set(name, &value),
            None => self.properties.retain(|(known, _)| known != name),
        }
    }

    fn is_cpu(&self) -> bool {
        let is_named = self.name == "cpu" || self.name.starts_with("cpu@");
        self.get("device_type").map_or(is_named, |kind| kind == b"cpu\0")
    }

    /// The seed of this name in `/chosen`, if it is worth something.
    fn seed(&self, name: &str) -> Option<Vec<u8>> {
        let chosen = self.children.iter().find(|child| child.name == "chosen")?;
        let value = chosen.get(name)?;
        let is_sound = name != "kaslr-seed" || value.len() == 8;
        (is_sound && value.iter().any(|byte| *byte != 0)).then(|| value.to_vec())
    }

    /// The tree in `blob` after an edit, without those of a stored tree but for its seeds.
    pub fn edited(blob: &[u8], edits: &Edits<'_>, fresh: Option<&SeedBytes>, machine: Option<&[u8]>) -> Self {
        let mut tree = Self::read(blob);
        let source = machine.map_or_else(|| tree.clone(), Self::read);
        let number = |number: u64| number.to_be_bytes().to_vec();
        let changes = [
            ("linux,initrd-start", edits.initrd.map(|initrd| number(initrd.start()))),
            ("linux,initrd-end", edits.initrd.map(|initrd| number(initrd.end()))),
            (
                "kaslr-seed",
                source.seed("kaslr-seed").or(fresh.map(|seeds| seeds.kaslr.clone())),
            ),
            (
                "rng-seed",
                source.seed("rng-seed").or(fresh.map(|seeds| seeds.rng.clone())),
            ),
        ];
        if edits.bootargs.is_some()
            || changes.iter().any(|(_, value)| value.is_some())
            || tree.child("chosen").is_some()
        {
            if tree.child("chosen").is_none() {
                tree.children.push(Self::new("chosen"));
            }
            let chosen = tree.child("chosen").unwrap();
            if let Some(text) = edits.bootargs {
                chosen.set("bootargs", format!("{text}\0").as_bytes());
            }
            for (name, value) in changes {
                chosen.set_or_remove(name, value);
            }
        }
        let has_psci = |blob| Devicetree::parse(blob).unwrap().psci().is_some();
        let has_psci = has_psci(blob) && machine.is_none_or(has_psci);
        if let (true, Some(cpus)) = (has_psci, tree.child("cpus")) {
            for cpu in cpus.children.iter_mut().filter(|child| child.is_cpu()) {
                if cpu.get("enable-method").is_none() {
                    cpu.set("enable-method", b"psci\0");
                }
            }
        }
        tree
    }
}

fn text(blob: &[u8], offset: usize) -> String {
    let bytes = blob[offset..].split(|byte| *byte == 0).next().unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}
