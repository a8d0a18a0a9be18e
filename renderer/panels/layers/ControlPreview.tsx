import { useEffect, useRef, useState } from 'react'
import { isOfKind, type Layer } from '../../../app/api/documents.ts'
import { controlPicture, isByNetwork, misproportion, type RgbImage } from '../../../app/api/pose.ts'
import { useBodies } from '../../canvas/actions/bodies.ts'
import { usePose } from '../../canvas/actions/poses.ts'
import { controlPixels, seenBox } from '../../canvas/actions/region.ts'
import { stageIfOpen } from '../../canvas/actions/stage.ts'
import { useDocumentInForce } from '../../canvas/document-in-force.ts'
import { intersection, type Rectangle } from '../../canvas/raster/rectangle.ts'
import { sizeWithin } from '../../canvas/viewport.ts'
import { t } from '../../language/language.ts'

/** Pixels of the preview's longer side, at most: what edges cost is felt under the hand beyond it. */
const MOST = 384
/** CSS pixels of its height, at most. */
const HIGHEST = 220

/** What the model sees of a control layer, redrawn when it changes. */
export function ControlPreview({ layer }: { readonly layer: Layer }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const { frame } = useDocumentInForce()
  const moving = usePose(state => state.moving !== undefined)
  const turning = useBodies(state => state.moving !== undefined)
  const [fit, setFit] = useState<string>()
  const { width, height } = sizeWithin(frame, MOST)
  // biome-ignore lint/correctness/useExhaustiveDependencies: figures and bodies that are moved are drawn when they lie still
  useEffect(() => {
    let isGone = false
    const draw = async () => {
      await stageIfOpen()?.store.loaded(layer.id)
      const context = canvas.current?.getContext('2d')
      if (isGone || context === null || context === undefined || !isOfKind(layer, 'control')) return
      const { prepare = 'none', resize = 'stretch', low, high } = layer.settings
      const seen = controlPixels(layer, { width, height })
      // The page runs no networks: what they find is found when it is drawn.
      const making = { prepare: isByNetwork(prepare) ? 'none' : prepare, resize, low, high } as const
      const made = controlPicture(withoutAlpha(seen), making, { width, height })
      setFit(fitWords(layer, frame))
      const shown = new ImageData(width, height)
      for (let k = 0; k < width * height; k++) {
        shown.data.set(made.data.subarray(k * 3, k * 3 + 3), k * 4)
        shown.data[k * 4 + 3] = 255
      }
      context.putImageData(shown, 0, 0)
    }
    void draw()
    return () => {
      isGone = true
    }
  }, [layer, frame, width, height, moving, turning])
  return (
    <>
      <canvas
        ref={canvas}
        className="control-preview"
        width={width}
        height={height}
        style={{ width: `min(100%, ${Math.round((HIGHEST * width) / height)}px)` }}
        role="img"
        aria-label={t('What the model sees')}
        data-testid="control-preview"
      />
      {fit !== undefined && (
        <p className="note" data-testid="control-fit">
          {fit}
        </p>
      )}
    </>
  )
}

function withoutAlpha({ width, height, data }: ImageData): RgbImage {
  const rgb = new Uint8Array(width * height * 3)
  for (let k = 0; k < width * height; k++) rgb.set(data.subarray(k * 4, k * 4 + 3), k * 3)
  return { width, height, data: rgb }
}

/** A picture that fills this share of the frame fills it. */
const FILLS = 0.98

/** What becomes of a picture of other proportions than the frame's; undefined where that needs no word. */
function fitWords(layer: Layer, frame: Rectangle): string | undefined {
  if (!isOfKind(layer, 'control')) return undefined
  const { prepare = 'none', resize } = layer.settings
  // What is drawn by hand lies where it shall.
  if (prepare === 'none' && resize === undefined) return undefined
  const box = seenBox(layer)
  if (box === undefined) return undefined
  if (resize === undefined) {
    const inside = intersection(box, frame)
    const share = (inside.width * inside.height) / (frame.width * frame.height)
    return share >= FILLS
      ? undefined
      : t('The picture fills {share} % of the frame; the rest is white for the model.', {
          share: Math.round(100 * share),
        })
  }
  const found = misproportion(box, frame)
  if (found === undefined) return undefined
  const values = { size: `${box.width} × ${box.height}`, share: Math.round(found.share * 100) }
  if (resize === 'stretch') return t('It is {size} and is stretched by {share} %.', values)
  if (resize === 'fill')
    return found.isWider
      ? t('It is {size}; {share} % of it is cut off left and right.', values)
      : t('It is {size}; {share} % of it is cut off above and below.', values)
  return found.isWider
    ? t('It is {size}; {share} % stays black above and below.', values)
    : t('It is {size}; {share} % stays black left and right.', values)
}
