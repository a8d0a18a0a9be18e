import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** The built app in browser mode, on a library. @returns the address that it prints, and what ends it */
export async function startBrowserMode(home: string): Promise<{ address: string; close(): Promise<void> }> {
  const server = spawn(process.execPath, ['dist/browser.cjs', '--no-open'], {
    env: { ...process.env, SFUMATO_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>(resolve => server.once('exit', () => resolve()))
  const address = await new Promise<string>((resolve, reject) => {
    void ended.then(() =>
      reject(new Error('Browser mode ended before it had an address. Build it first: npm run build.')),
    )
    createInterface({ input: server.stdout }).on('line', line => {
      const found = /http:\/\/\S+/.exec(line)?.[0]
      if (found !== undefined) resolve(found)
    })
  })
  return {
    address,
    async close() {
      server.kill('SIGTERM')
      await ended
    },
  }
}
