/// The version of this program, as `terrace version` prints it and as a database remembers who opened it last.
package enum ProgramVersion {
    package static let current = "0.2.0"
}
