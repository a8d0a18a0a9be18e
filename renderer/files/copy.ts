import { useCanvas } from '../canvas/actions/canvas-state.ts'
import { drawn, readyToDraw } from '../canvas/actions/region.ts'
import { hasSelection, surfaceOf } from '../canvas/actions/selection.ts'
import { activeNow, documentNow } from '../canvas/actions/stage.ts'
import type { Coverage } from '../canvas/painting/coverage.ts'
import { filledPart } from '../canvas/raster/filled-part.ts'
import { type Branch, treeOf, visible } from '../canvas/raster/layer-tree.ts'
import { isEmpty } from '../canvas/raster/rectangle.ts'
import { dropSurface, makeSurface } from '../canvas/raster/surface.ts'
import { t } from '../language/language.ts'
import type { Layer } from '../state/api.ts'
import { say } from '../state/toasts.ts'

/** Puts what is selected of the chosen layer, or all of it, on the clipboard as a PNG. */
export async function copyPicture(): Promise<void> {
  const layer = activeNow()
  if (layer === undefined) return say(t('There is nothing to copy yet.'))
  const selection = hasSelection() ? useCanvas.getState().selection : undefined
  const copied = await renderCopy(layer, selection)
  if (copied === undefined) {
    return say(
      t(
        selection === undefined
          ? 'There is nothing of “{name}” to copy.'
          : 'There is nothing of “{name}” in the selection.',
        {
          name: layer.name,
        },
      ),
    )
  }
  await navigator.clipboard.write([new ClipboardItem({ 'image/png': copied })])
  say(
    t(
      selection === undefined ? '“{name}” is on the clipboard.' : 'The selected part of “{name}” is on the clipboard.',
      { name: layer.name },
    ),
  )
}

/** A layer as it looks alone, as a PNG as large as what there is of it; nothing where that is wholly transparent. */
async function renderCopy(layer: Layer, within: Coverage | undefined): Promise<Blob | undefined> {
  const { layers, width, height } = documentNow()
  const [branch] = visible(branchesOf(treeOf(layers), layer.id))
  if (branch === undefined) return undefined
  const area = within ?? { x: 0, y: 0, width, height }
  await readyToDraw(area, area)
  const alone = { ...branch, layer: { ...branch.layer, opacity: 1, blend: 'normal' as const } }
  const copied = drawn([alone], area, area)
  if (within !== undefined) {
    copied.context.globalCompositeOperation = 'destination-in'
    copied.context.drawImage(surfaceOf(within).canvas, 0, 0)
  }
  const found = filledPart(copied.context.getImageData(0, 0, area.width, area.height))
  if (isEmpty(found)) return undefined
  const trimmed = makeSurface(found.width, found.height)
  trimmed.context.drawImage(copied.canvas, -found.x, -found.y)
  dropSurface(copied)
  return await trimmed.canvas.convertToBlob({ type: 'image/png' })
}

/** The branch of a layer, wherever it hangs. */
const branchesOf = (branches: readonly Branch[], id: string): readonly Branch[] =>
  branches.flatMap(branch => (branch.layer.id === id ? [branch] : branchesOf(branch.children, id)))
