package io.hostel.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hostel.kernel.KernelException;
import io.hostel.sys.Errno;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LauncherReportTest {

    @Test
    void aFailedStepKeepsItsNameAndItsObject() {
        KernelException refusal = LauncherReport.parse("20\nmount on\nproc").refusal("server");

        assertThat(refusal).hasMessageStartingWith("mount on proc: ENOTDIR");
    }

    @Test
    void aFailedCommandIsTheProgramAsItWasAskedFor() {
        KernelException exec = LauncherReport.parse("2\nexec\nserver").refusal("server");
        KernelException directory =
                LauncherReport.parse("2\nenter the working directory\n/app").refusal("server");

        assertThat(exec.operation() + " " + exec.target()).isEqualTo("exec server");
        assertThat(directory.operation() + " " + directory.target()).isEqualTo("exec server");
        assertThat(directory.kernelWords()).endsWith("working directory /app");
    }

    @Test
    void aPathMayHoldNewlines() {
        assertThat(LauncherReport.parse("2\nexec\na\nb").target()).isEqualTo("a\nb");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ok", "2\nexec", "x\ny\nz", "99999999999\nexec\ny"})
    void whatIsNoReportMeansThatTheLauncherDied(String text) {
        assertThat(LauncherReport.parse(text).errno()).isEqualTo(Errno.ECHILD);
    }

    @Test
    void usersAreNumbersWithinTheRange() throws Exception {
        assertThat(SandboxUser.parse("0")).isEqualTo(new SandboxUser(0, 0));
        assertThat(SandboxUser.parse("33")).isEqualTo(new SandboxUser(33, 33));
        assertThat(SandboxUser.parse("33:0")).isEqualTo(new SandboxUser(33, 0));
        for (String wrong : new String[] {"", "root", "-1", "65535", "0:65535", "1:2:3", "0x1", " 1"}) {
            assertThatThrownBy(() -> SandboxUser.parse(wrong))
                    .as(wrong)
                    .isInstanceOf(KernelException.class)
                    .hasMessageContaining("EINVAL");
        }
    }

    @Test
    void aPlanHoldsNoZeroCharacter() {
        assertThatThrownBy(() -> new PlanText().put("arg", "a\0mode=exec"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("arg");
    }
}
