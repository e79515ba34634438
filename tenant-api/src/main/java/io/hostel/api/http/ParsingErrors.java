package io.hostel.api.http;

import akka.event.LoggingAdapter;
import akka.http.ParsingErrorHandler;
import akka.http.javadsl.model.HttpResponse;
import akka.http.scaladsl.model.ErrorInfo;
import akka.http.scaladsl.model.StatusCode;
import akka.http.scaladsl.settings.ServerSettings;

/** Answers what is no HTTP request, before any call is looked for. Named in server.conf. */
public final class ParsingErrors extends ParsingErrorHandler {
    /** akka finds it under the name that a Scala object has. */
    @SuppressWarnings({"checkstyle:ConstantName", "MemberName"})
    public static final ParsingErrors MODULE$ = new ParsingErrors();

    @Override
    public HttpResponse handle(StatusCode status, ErrorInfo error, LoggingAdapter log, ServerSettings settings) {
        return Problem.of(status.intValue(), "malformed", "The request is not understood", error.summary())
                .answer()
                .response();
    }
}
