import { t } from '../../language/language.ts'
import type { ModelInfo } from '../../state/api.ts'
import { engine, useEngine } from '../../state/engine.ts'
import { say, sayFailure } from '../../state/toasts.ts'
import { type Combining, type Coverage, inRectangle, isBlank, ofRuns, partAt, resized } from '../painting/coverage.ts'
import { objectAt } from '../painting/object-area.ts'
import type { Values } from '../tools/tool.ts'
import type { Point } from '../viewport.ts'
import { sizeWithin } from '../viewport.ts'
import { useCanvas } from './canvas-state.ts'
import { pixelsOf, readyToDraw, renderPicture } from './region.ts'
import { likeAt, select } from './selection.ts'
import { documentNow } from './stage.ts'

/** Selecting what is clicked: by its colour, by its edges, or with a network that the person brought. */

/** Longest side of the picture whose edges are followed, of the one that a network is shown, and of the mask that it answers with. */
const [LONGEST, SHOWN, ANSWERED] = [1536, 1024, 1536]

/** Selects what is clicked, as the wand is set. */
export async function selectAt(at: Point, how: Combining, values: Values): Promise<void> {
  if (values.way === 'network') return selectByNetwork(at, how, values.network)
  const found = await (values.way === 'object' ? byEdges(at, Number(values.extent ?? 50)) : likeAt(at, values))
  if (isBlank(found)) return say(t('Nothing was found there.'))
  select(found, how)
}

async function byEdges({ x, y }: Point, extent: number): Promise<Coverage> {
  const { width, height } = documentNow()
  const size = sizeWithin({ width, height }, LONGEST)
  const paper = { x: 0, y: 0, width, height }
  await readyToDraw(paper, size)
  const pixels = pixelsOf(paper, size)
  const point = { x: (x * size.width) / width, y: (y * size.height) / height }
  return resizedFrom(objectAt({ x: 0, y: 0, ...size }, pixels.data, point, extent), size)
}

/** Networks of the library that can be clicked with; those that are half of a pair stand once. */
export const objectNetworks = (models: readonly ModelInfo[]): readonly ModelInfo[] =>
  models.filter(({ kind, half }) => kind === 'segmenter' && half !== 'picture encoder')

/** The network that clicks go to: the chosen one, else the first that works. */
export function networkNow(chosen: unknown, models = useEngine.getState().others): ModelInfo | undefined {
  const networks = objectNetworks(models)
  return networks.find(({ id }) => id === chosen) ?? networks.find(({ problem }) => problem === undefined)
}

interface Click extends Point {
  readonly isInside: boolean
}

/** What the clicks on one object came to: more clicks say more about it as long as the selection is that. */
let last: { readonly network: string; readonly clicks: readonly Click[]; readonly selection: Coverage } | undefined
let asked = 0

async function selectByNetwork(at: Point, how: Combining, chosen: unknown) {
  const network = networkNow(chosen)
  if (network === undefined) return say(t('There is no network yet that finds objects. Bring one, or select by edges.'))
  if (network.problem !== undefined) return say(`${network.name}: ${network.problem}`)
  const { selection } = useCanvas.getState()
  const goesOn = last?.network === network.id && last.selection === selection && (how === 'add' || how === 'subtract')
  // A plain network tells the kinds of things of all pixels: a second click is another object.
  const clicks = goesOn && network.half !== undefined ? (last?.clicks ?? []) : []
  const all = [...clicks, { ...at, isInside: clicks.length === 0 || how === 'add' }]
  const turn = ++asked
  useCanvas.setState({ isLooking: true })
  try {
    const found = await find(network.id, all)
    if (turn !== asked) return
    if (isBlank(found)) return say(t('Nothing was found there.'))
    select(found, clicks.length > 0 ? 'replace' : how)
    last = { network: network.id, clicks: all, selection: useCanvas.getState().selection }
  } catch (error) {
    if (turn === asked) sayFailure(error)
  } finally {
    if (turn === asked) useCanvas.setState({ isLooking: false })
  }
}

async function find(network: string, clicks: readonly Click[]): Promise<Coverage> {
  const { width, height } = documentNow()
  const shown = sizeWithin({ width, height }, SHOWN)
  const size = sizeWithin({ width, height }, ANSWERED)
  const api = await engine()
  const picture = await renderPicture({ x: 0, y: 0, width, height }, shown)
  const file = new Blob([picture], { type: 'image/png' })
  const { hash } = await api.images.keep({ file, use: 'picture' })
  const share = shown.width / width
  const { runs, isClickedPartAlone } = await api.segmentation.find({
    ...{ picture: hash, network, size },
    clicks: clicks.map(({ x, y, isInside }) => ({ x: x * share, y: y * share, isInside })),
  })
  const found = ofRuns(runs, size)
  const [click] = clicks
  const meant =
    isClickedPartAlone && click !== undefined
      ? partAt(found, { x: (click.x * size.width) / width, y: (click.y * size.height) / height })
      : found
  return resizedFrom(meant, size)
}

/** A coverage of the document's picture at a size, as large as the document. */
const resizedFrom = (coverage: Coverage, size: { readonly width: number; readonly height: number }): Coverage => {
  const { width, height } = documentNow()
  return resized(inRectangle(coverage, { x: 0, y: 0, ...size }), { width, height })
}
