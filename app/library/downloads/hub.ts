import { z } from 'zod'
import { Problem } from '../../problem.ts'
import type { Licence } from './records.ts'
import { climbsOut } from './reference.ts'
import { type Answer, hostOf, insist, type Network, piecesOf, quickly, request } from './request.ts'

/** A file as the hub lists it. */
export interface HubFile {
  readonly path: string
  /** Bytes; undefined where the hub does not say. */
  readonly size: number | undefined
  readonly sha256: string | undefined
  readonly gitSha1: string | undefined
}

/** A model at one commit. */
export interface HubModel {
  readonly id: string
  readonly commit: string
  readonly licence: Licence | undefined
  readonly files: readonly HubFile[]
}

const hex = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`))
const text = z.string().max(2000)

/** `GET /api/models/{id}` and `/revision/{revision}` with `?blobs=true` (huggingface.co/docs/hub/api). What makes no sense is left out. */
const modelInfo = z.object({
  sha: hex(40),
  gated: z.union([z.boolean(), z.string()]).optional().catch(undefined),
  cardData: z
    .object({
      license: z
        .union([text, z.array(text)])
        .optional()
        .catch(undefined),
      license_name: text.optional().catch(undefined),
      license_link: text.optional().catch(undefined),
    })
    .nullish()
    .catch(undefined),
  siblings: z.array(
    z.object({
      rfilename: z.string().min(1).max(4096),
      size: z.int().nonnegative().nullish().catch(undefined),
      blobId: hex(40).nullish().catch(undefined),
      lfs: z
        .object({ sha256: hex(64), size: z.int().nonnegative().optional() })
        .nullish()
        .catch(undefined),
    }),
  ),
})

const largestListing = 32 * 2 ** 20
const mostFiles = 50_000

/** The files and the licence of a model.
 *  @throws Problem HUB_UNKNOWN, HUB_GATED, HUB_ANSWER, NETWORK, HUB_BUSY ... */
export async function readHubModel(
  hub: URL,
  id: string,
  revision: string | undefined,
  network: Network,
  signal: AbortSignal,
): Promise<HubModel> {
  const tail = revision === undefined ? '' : `/revision/${encodeURIComponent(revision)}`
  const address = at(hub, `api/models/${id}${tail}?blobs=true`)
  const what = revision === undefined ? id : `${id} at ${revision}`
  const body = await readText(address, largestListing, network, signal, answer =>
    expectOk(answer, what, pageOf(hub, id)),
  )
  const { data } = modelInfo.safeParse(parsed(body))
  if (!data || data.siblings.length > mostFiles) throw strangeAnswer(hub.host, what)
  if (data.gated !== undefined && data.gated !== false) throw gated(what, pageOf(hub, id))
  const climbing = data.siblings.find(({ rfilename }) => climbsOut(rfilename))
  if (climbing) {
    throw new Problem(
      'HUB_PATH',
      `${what} lists ${JSON.stringify(climbing.rfilename.slice(0, 200))}, a file outside its own folder.`,
      {
        hint: 'It is not fetched. Choose another model.',
      },
    )
  }
  const files = data.siblings.map(({ rfilename, size, blobId, lfs }) => ({
    path: rfilename,
    size: lfs?.size ?? size ?? undefined,
    sha256: lfs?.sha256,
    // Where the bytes are in the large-file store, git's hash is that of a pointer.
    gitSha1: lfs ? undefined : (blobId ?? undefined),
  }))
  return { id, commit: data.sha, licence: licenceOf(data.cardData, hub, id), files }
}

const at = (hub: URL, path: string): URL => new URL(path, hub.href.endsWith('/') ? hub : `${hub.href}/`)

/** The page of a model, for people. */
export const pageOf = (hub: URL, id: string): string => at(hub, id).href

/** Where a file of a commit is. */
export const addressOf = (hub: URL, { id, commit }: Pick<HubModel, 'id' | 'commit'>, path: string): URL =>
  at(hub, `${id}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`)

function licenceOf(card: z.infer<typeof modelInfo>['cardData'], hub: URL, id: string): Licence | undefined {
  const listed = [card?.license ?? []].flat().join(', ')
  const name = listed === 'other' || listed === '' ? (card?.license_name ?? listed) : listed
  if (name === '') return undefined
  const link = card?.license_link ?? ''
  // The app opens few hosts beside the hub's; the model's page leads to the others.
  const isOpened = URL.canParse(link) && [hub.host, 'huggingface.co', 'github.com'].includes(new URL(link).host)
  return { name, link: isOpened && link.startsWith('https://') ? link : pageOf(hub, id) }
}

/** A small text. @throws Problem HUB_ANSWER when it is a large one */
export function readText(
  address: URL,
  most: number,
  network: Network,
  signal: AbortSignal,
  check: (answer: Answer) => void,
): Promise<string> {
  return insist(
    async () => {
      const answer = await request(address, {}, network, signal)
      check(answer)
      const pieces: Uint8Array[] = []
      let length = 0
      for await (const piece of piecesOf(answer, network, signal)) {
        pieces.push(piece)
        length += piece.length
        if (length > most) throw strangeAnswer(address.host, address.pathname)
      }
      return Buffer.concat(pieces).toString('utf8')
    },
    network,
    signal,
    quickly,
  )
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

const strangeAnswer = (host: string, what: string) =>
  new Problem('HUB_ANSWER', `${host} does not answer as a model hub when asked for ${what}.`, {
    hint: 'Check the address of the hub, and whether this network asks you to log in.',
  })

const gated = (what: string, page: string) =>
  new Problem('HUB_GATED', `${what} is given only to people who accepted its terms on the hub.`, {
    hint: `Accept them at ${page} with your browser, download the model there, and choose its folder here.`,
  })

/** @param what the model or file, in words  @param page where a person can look
 *  @throws Problem HUB_UNKNOWN, HUB_GATED, HUB_REFUSED, HUB_ANSWER: whatever the answer is but the thing itself */
export function expectOk({ response, first, leave }: Answer, what: string, page: string | undefined): void {
  const { status } = response
  if (status === 200 || status === 206) {
    if (!/^text\/html\b/i.test(response.headers.get('content-type') ?? '')) return
    leave()
    throw new Problem('DOWNLOAD_HTML', `${hostOf(response)} sent a web page instead of ${what}.`, {
      hint: 'Check whether this network asks you to log in, then try again.',
    })
  }
  leave()
  const code = first.get('x-error-code') ?? response.headers.get('x-error-code')
  const host = hostOf(response)
  // The hub says 401, too, of what is not there: it does not tell strangers which private models exist.
  if (
    status === 404 ||
    status === 410 ||
    code === 'RepoNotFound' ||
    code === 'RevisionNotFound' ||
    code === 'EntryNotFound'
  ) {
    throw new Problem('HUB_UNKNOWN', `There is no ${what} at ${host}, or it is private.`, { hint: 'Check its name.' })
  }
  if ((status === 401 || status === 403) && page !== undefined) throw gated(what, page)
  throw new Problem('HUB_REFUSED', `${host} does not give ${what} (${status}).`, {
    hint: 'Download it with your browser, and choose its file or folder here.',
  })
}
