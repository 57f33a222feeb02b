//! Valid forms of gzip streams.

use super::gzip_writer::deflate::{END, Token, Writer, code, content as of_tokens};
use super::gzip_writer::*;
use super::{Form, noise};

pub fn forms() -> Vec<Form> {
    let stored = |flags: u8, fields: &[u8]| stored_member(&header(flags, fields), b"hello");
    let hello = |name, bytes: Vec<u8>| Form::new(name, bytes, b"hello");
    let noise = noise(65_535);
    let all_fields = [&[4, 0, 1, 2, 3, 4][..], b"name\0", b"comment\0"].concat();
    let longest_extra = [&[0xff; 2][..], &[7; 65_535]].concat();
    let empty = plain_member(&Writer::default().fixed(true, &[]).bytes(), b"");
    let mut forms = vec![
        hello("no flag", stored(0, &[])),
        hello("FTEXT", stored(FTEXT, &[])),
        hello("FHCRC", stored(FHCRC, &[])),
        hello("FEXTRA", stored(FEXTRA, &[3, 0, 1, 2, 3])),
        hello("FEXTRA of no byte", stored(FEXTRA, &[0, 0])),
        hello("FEXTRA of 65,535 bytes", stored(FEXTRA, &longest_extra)),
        hello("FNAME", stored(FNAME, b"Image\0")),
        hello("FNAME of no byte", stored(FNAME, b"\0")),
        hello("FCOMMENT", stored(FCOMMENT, b"a comment\0")),
        hello("FNAME and FCOMMENT", stored(FNAME | FCOMMENT, b"Image\0\0")),
        hello("all flags", stored(0x1f, &all_fields)),
        Form::new("an empty member", empty.clone(), b""),
        Form::new(
            "two members",
            [stored(0, &[]), stored(FNAME, b"x\0")].concat(),
            b"hellohello",
        ),
        Form::new(
            "an empty member between two",
            [stored(FHCRC, &[]), empty.clone(), stored(0x1f, &all_fields)].concat(),
            b"hellohello",
        ),
        Form::new("an empty member at the end", [stored(0, &[]), empty].concat(), b"hello"),
        Form::new(
            "the largest stored block",
            stored_member(&header(0, &[]), &noise),
            &noise,
        ),
    ];
    let mut header = header(0, &[]);
    header[4..].copy_from_slice(&[0x12, 0x34, 0x56, 0x78, 2, 255]);
    forms.push(hello(
        "a time, XFL and an unknown system",
        stored_member(&header, b"hello"),
    ));
    forms.extend(deflated_forms(&noise));
    forms
}

fn deflated_forms(noise: &[u8]) -> Vec<Form> {
    let form =
        |name, deflated: Writer, content: &[u8]| Form::new(name, plain_member(&deflated.bytes(), content), content);
    let literals = |bytes: &[u8]| bytes.iter().copied().map(Token::Literal).collect::<Vec<_>>();
    let matched = |length, distance| Token::Match { length, distance };
    let far = [noise, &noise[noise.len() - 32_768..][..258]].concat();
    let run = [literals(b"x"), vec![matched(258, 1); 2]].concat();
    let one_distance = [literals(b"ab"), vec![matched(3, 1)]].concat();
    let few = code(258, &[(0x61, 2), (0x62, 2), (END, 2), (257, 2)]);
    let end_only = code(257, &[(END, 1)]);
    let sync = Writer::default()
        .fixed(false, &literals(b"he"))
        .stored(false, b"")
        .stored(false, b"")
        .fixed(true, &literals(b"llo"));
    let all_kinds = Writer::default()
        .stored(false, b"ab")
        .fixed(false, &[matched(4, 2)])
        .dynamic(true, &few, &[0, 1], &[Token::Literal(0x61), matched(3, 2)]);
    vec![
        form(
            "fixed codes",
            Writer::default().fixed(true, &literals(b"hello")),
            b"hello",
        ),
        form("empty stored blocks, as a flush leaves them", sync, b"hello"),
        form("blocks of all kinds", all_kinds, b"ababab\x61b\x61b"),
        form(
            "the greatest length and distance",
            Writer::default()
                .stored(false, noise)
                .fixed(true, &[matched(258, 32_768)]),
            &far,
        ),
        form("distance 1", Writer::default().fixed(true, &run), &of_tokens(&run)),
        form(
            "one distance code, of 1 bit",
            Writer::default().dynamic(true, &few, &[1], &one_distance),
            &of_tokens(&one_distance),
        ),
        form(
            "no distance code",
            Writer::default().dynamic(true, &code(257, &[(0x61, 1), (END, 1)]), &[0], &literals(b"aaa")),
            b"aaa",
        ),
        form(
            "the end as the only code",
            Writer::default().dynamic(true, &end_only, &[0], &[]),
            b"",
        ),
        form(
            "286 literal and 30 distance codes",
            Writer::default().dynamic(true, &widest(286), &widest(30), &literals(b"hello")),
            b"hello",
        ),
    ]
}

/// Returns the lengths of a complete code of so many symbols, each as long as the next or 1
/// shorter.
fn widest(count: usize) -> Vec<u8> {
    let length = count.next_power_of_two().ilog2() as u8;
    let shorter = (1 << length) - count;
    [vec![length - 1; shorter], vec![length; count - shorter]].concat()
}
