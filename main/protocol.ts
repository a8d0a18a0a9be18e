import { protocol } from 'electron'
import { type Sources, securityHeaders, serve } from './serving.ts'

/** The window's own scheme. `studio://app/` is a secure context with an origin of its own, which `file:` would not be. */
export const origin = 'studio://app'

/** Must run before Electron is ready. */
export function declareScheme(): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true }
  protocol.registerSchemesAsPrivileged([{ scheme: 'studio', privileges }])
}

/** Serves the built page and the library's pictures to the window; reading only, this host only. */
export function serveScheme(sources: Sources): void {
  const answer = serve(sources)
  protocol.handle('studio', async request => {
    const url = new URL(request.url)
    const refused = new Response(null, { status: 403, headers: securityHeaders })
    if (request.method !== 'GET' || `${url.protocol}//${url.host}` !== origin) return refused
    try {
      const { status, headers, body } = await answer(url.pathname)
      return new Response(body ?? null, { status, headers })
    } catch {
      return new Response(null, { status: 503, headers: securityHeaders })
    }
  })
}
