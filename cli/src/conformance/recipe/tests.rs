use super::*;

#[test]
fn every_recipe_of_the_checkout_can_be_read() {
    let folder = Checkout::find().unwrap().root().join(FOLDER);
    let names = names(&folder);
    assert!(names.len() >= 5, "{names:?}");
    for name in names {
        let recipe = Recipe::find(&name).unwrap();
        assert!(recipe.hands_over(FlashPart::Kernel) || recipe.flash.is_some(), "{name}");
    }
}

#[test]
fn knows_what_a_loader_hands_over_by_what_the_recipe_speaks_of() {
    let text = "title = 'x'\nabout = 'y'\nlevels = [2]\narguments = ['-kernel', '{kernel}']\n\
                console = [{ until = '=> ', line = 'boot {command-line}' }]";
    let recipe = Recipe::parse("name", text).unwrap();
    let parts = [FlashPart::Kernel, FlashPart::Initrd, FlashPart::CommandLine];
    assert_eq!(parts.map(|part| recipe.hands_over(part)), [true, false, true]);
    assert!(recipe.starts_at(StartLevel::El2) && !recipe.starts_at(StartLevel::El3));
}

#[test]
fn what_a_loader_cannot_boot_is_refused_with_help() {
    let text = "title = 'x'\nabout = 'y'\nlevels = [1, 3]\nel3-cpus = 1\nleast-mib = 65\nrefused-headers = ['no-size']";
    let recipe = Recipe::parse("name", text).unwrap();
    let refused_with = |memory_bytes, el, smp, variant| {
        let machine = Machine {
            el,
            smp,
            memory_bytes,
            ..Machine::default()
        };
        recipe
            .check(&machine, variant)
            .is_err_and(|error| error.help_text().is_some())
    };
    let refused = |el, smp, variant| refused_with(65 * MIB, el, smp, variant);
    assert!(refused_with(64 * MIB, StartLevel::El1, 1, Variant::Plain));
    assert!(refused(StartLevel::El2, 1, Variant::Plain));
    assert!(refused(StartLevel::El3, 2, Variant::Plain));
    assert!(refused(StartLevel::El1, 2, Variant::NoSize));
    assert!(!refused(StartLevel::El1, 2, Variant::Plain) && !refused(StartLevel::El3, 1, Variant::Plain));
}

#[test]
fn a_loader_enters_the_payload_itself_unless_the_recipe_says_that_the_stub_does() {
    let entered_by = |line| Recipe::parse("name", &format!("title = 'x'\nabout = 'y'\n{line}")).map(|it| it.entered_by);
    assert_eq!(entered_by("").unwrap(), EnteredBy::Loader);
    assert_eq!(entered_by("entered-by = 'efi-stub'").unwrap(), EnteredBy::EfiStub);
    assert!(entered_by("entered-by = 'stub'").is_err());
}

#[test]
fn what_nobody_knows_is_refused() {
    assert!(Recipe::parse("name", "title = 'x'\nabout = 'y'\nlevel = [2]").is_err());
    let unknown = Recipe::find("no-such-loader").unwrap_err();
    assert!(unknown.help_text().unwrap().contains("flint"), "{unknown:?}");
}
