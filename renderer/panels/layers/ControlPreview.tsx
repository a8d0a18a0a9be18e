import { useEffect, useRef } from 'react'
import { isOfKind, type Layer } from '../../../app/api/documents.ts'
import { isByNetwork, prepared } from '../../../app/api/pose.ts'
import { usePose } from '../../canvas/actions/poses.ts'
import { controlPixels } from '../../canvas/actions/region.ts'
import { stageIfOpen } from '../../canvas/actions/stage.ts'
import { useDocumentInForce } from '../../canvas/document-in-force.ts'
import { sizeWithin } from '../../canvas/viewport.ts'
import { t } from '../../language/language.ts'

/** Pixels of the preview's longer side, at most: what edges cost is felt under the hand beyond it. */
const MOST = 384

/** What the model sees of a control layer, redrawn when it changes. */
export function ControlPreview({ layer }: { readonly layer: Layer }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const { frame } = useDocumentInForce()
  const moving = usePose(state => state.moving)
  const { width, height } = sizeWithin(frame, MOST)
  // biome-ignore lint/correctness/useExhaustiveDependencies: figures that are moved are drawn when they lie still
  useEffect(() => {
    let isGone = false
    const draw = async () => {
      await stageIfOpen()?.store.loaded(layer.id)
      const context = canvas.current?.getContext('2d')
      if (isGone || context === null || context === undefined || !isOfKind(layer, 'control')) return
      const { prepare = 'none', low, high } = layer.settings
      const { data } = controlPixels(layer, { width, height })
      const rgb = new Uint8Array(width * height * 3)
      for (let k = 0; k < width * height; k++) rgb.set(data.subarray(k * 4, k * 4 + 3), k * 3)
      const thresholds = { ...(low !== undefined && { low }), ...(high !== undefined && { high }) }
      // The page runs no networks: what they find is found when it is drawn.
      const made = prepared({ width, height, data: rgb }, isByNetwork(prepare) ? 'none' : prepare, thresholds)
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
  }, [layer, width, height, moving === undefined])
  return (
    <canvas
      ref={canvas}
      className="control-preview"
      width={width}
      height={height}
      role="img"
      aria-label={t('What the model sees')}
      data-testid="control-preview"
    />
  )
}
