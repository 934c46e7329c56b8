@echo off
rem Starts the command reflexloop. Looks for java in JAVA_HOME, then on the PATH; JAVA_OPTS go to it.
setlocal
chcp 65001 >nul
set "JAVA=java"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java"
"%JAVA%" --list-modules >nul 2>&1
if errorlevel 1 (
  echo No java of version 17 or later was found; install a JDK, or set JAVA_HOME. 1>&2
  exit /b 1
)
"%JAVA%" %JAVA_OPTS% -cp "%~dp0..\lib\*" dev.reflexloop.console.Reflexloop %*
exit /b %ERRORLEVEL%
