import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'vite'
import { serve } from '../../main/serving.ts'

export interface ServedPages {
  /** `${address}/NAME.html` is `renderer/testing/NAME.html`. */
  readonly address: string
  close(): void
}

/** Builds pages of renderer/testing and serves them as the app serves its own: same headers, same policy. */
export async function servePages(names: readonly string[]): Promise<ServedPages> {
  const folder = mkdtempSync(join(tmpdir(), 'sfumato-pages-'))
  const root = join(import.meta.dirname, '../../renderer')
  const input = names.map(name => join(root, `testing/${name}.html`))
  process.env.NODE_ENV = 'production'
  await build({
    root,
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir: folder, emptyOutDir: true, chunkSizeWarningLimit: 8000, rollupOptions: { input } },
  })
  const answer = serve({ page: folder, blobPath: async () => undefined })
  const server = createServer(async (request, response) => {
    const { status, headers, body } = await answer(new URL(request.url ?? '/', 'http://localhost').pathname)
    response.writeHead(status, headers).end(body)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const place = server.address()
  if (place === null || typeof place === 'string') throw new Error('The page cannot be served.')
  return {
    address: `http://127.0.0.1:${place.port}/testing`,
    close: () => {
      server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
