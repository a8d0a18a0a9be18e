import { create } from 'zustand'
import { type MaskEdge, maskWhere, thingsIn } from '../../../app/api/masks.ts'
import { t } from '../../language/language.ts'
import { blobUrl, type ModelInfo } from '../../state/api.ts'
import { engine, useEngine } from '../../state/engine.ts'
import { say, sayFailure } from '../../state/toasts.ts'
import { type Coverage, inRectangle, isBlank, resized, trimmed } from '../painting/coverage.ts'
import { sizeWithin } from '../viewport.ts'
import { useCanvas } from './canvas-state.ts'
import { putInMask } from './masks.ts'
import { renderPicture } from './region.ts'
import { documentNow } from './stage.ts'

/** Masks of what words name in the picture. */

/** Longest side of the picture that the model is shown. */
const SHOWN = 1024

export type Joining = 'add' | 'subtract' | 'replace'

interface Finding {
  readonly words: string
  readonly edge: MaskEdge
  readonly how: Joining
  readonly isLooking: boolean
  /** How surely each pixel of the document shows it, 0 to 255; of these words. */
  readonly found: { readonly of: string; readonly sure: Coverage } | undefined
}

export const useFinding = create<Finding>()(() => ({
  ...{ words: '', edge: { threshold: 0.5, softness: 0.2 }, how: 'add' },
  ...{ isLooking: false, found: undefined },
}))

/** The models that find words; the first that works is asked. */
export const wordFinder = (models: readonly ModelInfo[]): ModelInfo | undefined =>
  models.find(({ kind, problem }) => kind === 'masks' && problem === undefined)

let asked = 0

/** Looks for what is written. */
export async function lookForWords(): Promise<void> {
  const { words } = useFinding.getState()
  const model = wordFinder(useEngine.getState().others)
  const things = thingsIn(words)
  if (model === undefined || things.length === 0) return
  const turn = ++asked
  useFinding.setState({ isLooking: true })
  try {
    const sure = await sureOf(model.id, things)
    if (turn !== asked) return
    useFinding.setState({ found: { of: words, sure } })
    showFound()
  } catch (error) {
    if (turn === asked) sayFailure(error)
  } finally {
    if (turn === asked) useFinding.setState({ isLooking: false })
  }
}

async function sureOf(model: string, words: string[]): Promise<Coverage> {
  const { width, height } = documentNow()
  const api = await engine()
  const png = await renderPicture({ x: 0, y: 0, width, height }, sizeWithin({ width, height }, SHOWN))
  const { hash: picture } = await api.images.keep({ file: new Blob([png], { type: 'image/png' }), use: 'picture' })
  const { map } = await api.segmentation.words({ picture, model, words })
  const answer = await fetch(blobUrl(map))
  const small = grayOf(await createImageBitmap(await answer.blob(), { colorSpaceConversion: 'none' }))
  return resized(small, { width, height })
}

function grayOf(picture: ImageBitmap): Coverage {
  const { width, height } = picture
  const context = new OffscreenCanvas(width, height).getContext('2d')
  if (context === null) throw new Error('no canvas could be made')
  context.drawImage(picture, 0, 0)
  picture.close()
  const { data } = context.getImageData(0, 0, width, height)
  return { x: 0, y: 0, width, height, data: Uint8Array.from({ length: width * height }, (_, k) => data[k * 4] ?? 0) }
}

/** What the mask would be, as the threshold stands. */
export function coverageFound(): Coverage | undefined {
  const { found, edge } = useFinding.getState()
  return found && trimmed({ ...found.sure, data: maskWhere(found.sure.data, edge, 255) })
}

/** Shows the edge of what was found. */
export const showFound = (): void => useCanvas.setState({ found: coverageFound() })

export function setEdge(edge: Partial<MaskEdge>): void {
  useFinding.setState(state => ({ edge: { ...state.edge, ...edge } }))
  showFound()
}

/** What was found becomes part of the mask, or is taken from it, or is the mask: one step to undo. */
export function takeFound() {
  const coverage = coverageFound()
  if (coverage === undefined) return
  if (isBlank(coverage)) return say(t('Nothing is that sure. Lower the threshold.'))
  const { how, words } = useFinding.getState()
  const { width, height } = documentNow()
  putInMask(`Mask: ${words}`, inRectangle(coverage, { x: 0, y: 0, width, height }), how)
  forgetFound()
}

/** Lets go of what was found. */
export function forgetFound(): void {
  asked++
  useFinding.setState({ found: undefined, isLooking: false })
  useCanvas.setState({ found: undefined })
}
