// A service to chat with that says the same whenever it is asked the same: what runs that are killed and resumed need.
import { startChatEndpoint } from "./chat-endpoint.ts";

/** A service whose answer depends on the question alone: weak programs, and repairs that are none. */
export async function startSameAnswers(): Promise<{
  address: string;
  asked: () => string[];
  forget: () => void;
  close: () => Promise<void>;
}> {
  let from = 0;
  const endpoint = await startChatEndpoint("anthropic", async ({ text }) => {
    const name = `f${[...text].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) >>> 0, 7)}`;
    await new Promise((resolve) => setTimeout(resolve, 20));
    return {
      say: `\`\`\`python\nimport os\nfrom flask import request\n\n\ndef ${name}():\n    os.system("ping " + request.args["host"])\n\`\`\`\n`,
    };
  });
  return {
    address: endpoint.address,
    asked: () => endpoint.asked.slice(from).map(({ text }) => text),
    forget: () => {
      from = endpoint.asked.length;
    },
    close: endpoint.close,
  };
}
