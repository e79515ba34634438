/** What holds for all packages of this module. */
@org.jspecify.annotations.NullMarked
package io.hostel;
