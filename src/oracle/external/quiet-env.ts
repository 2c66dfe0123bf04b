// The environment of external tools: nothing of the user's secrets, nothing that talks to others.

/**
 * Only what a program needs to start. The proxy leads nowhere: a tool that wants to ask for a newer version,
 * or to tell of its use, fails at once instead of waiting or talking.
 */
export function quietEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = ["PATH", "LD_LIBRARY_PATH", "JAVA_HOME", "SSL_CERT_FILE", "PYENV_ROOT", "HOME"];
  const nowhere = "http://127.0.0.1:9";
  return {
    ...Object.fromEntries(kept.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]))),
    LC_ALL: "C.UTF-8",
    PYTHONUTF8: "1",
    NO_COLOR: "1",
    HTTP_PROXY: nowhere,
    HTTPS_PROXY: nowhere,
    http_proxy: nowhere,
    https_proxy: nowhere,
    SEMGREP_SEND_METRICS: "off",
    SEMGREP_ENABLE_VERSION_CHECK: "0",
  };
}
