import Testing

/// Tests that run the built program, one after the other: all at once they would take the cores from the tests that
/// measure time.
@Suite(.serialized) enum ProcessTests {}
