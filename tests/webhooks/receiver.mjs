// A receiver on the package `standardwebhooks` of npm: what comes must be signed with the new secret and with the one before.
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const secrets = [process.env.OLD_SECRET, process.env.NEW_SECRET];

createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const body = Buffer.concat(chunks).toString();
    try {
      const events = secrets.map((secret) => new Webhook(secret).verify(body, request.headers));
      console.log("verified by both", events[0].type);
      response.writeHead(200).end("ok");
    } catch (error) {
      console.log("refused", String(error));
      response.writeHead(400).end("no");
    }
  });
}).listen(Number(process.env.NODE_PORT), "127.0.0.1", () => console.log("listening"));
