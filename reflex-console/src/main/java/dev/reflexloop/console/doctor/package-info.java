/** What is installed, what answers, what is wrong, and how to mend it. Start from {@link dev.reflexloop.console.doctor.Doctor}. */
@NullMarked
package dev.reflexloop.console.doctor;

import org.jspecify.annotations.NullMarked;
