import type { Frame } from '../../../app/api/documents.ts'
import { t } from '../../language/language.ts'
import { formNow } from '../../state/form-in-force.ts'
import { asOneStep } from '../../state/history.ts'
import { edit, endEdit, useStudio } from '../../state/studio.ts'
import { say } from '../../state/toasts.ts'
import { type Coverage, noCoverage } from '../painting/coverage.ts'
import { isEmpty, outward } from '../raster/rectangle.ts'
import type { Size } from '../viewport.ts'
import { useCanvas } from './canvas-state.ts'
import { change, keptDocument } from './edits.ts'
import { coverageOf, maskNow } from './masks.ts'
import { documentNow, nextSize, withPixels } from './stage.ts'

/** Sides of a frame are multiples of what the model's own sizes step by. */
export function frameMultiple(): number {
  const { fields } = formNow()
  return Math.max(1, fields.find(({ name }) => name === 'width')?.step ?? 8)
}

/** The size that a frame is worked at: its own, or as much larger as it needs to have the area of the model's own pictures.
 *  @param own the size of the model's pictures  @param multiple sides are multiples of it */
export function workingSize(frame: Size, own: Size, multiple: number): Size {
  const grow = Math.max(1, Math.sqrt((own.width * own.height) / (frame.width * frame.height)))
  const whole = (side: number) => Math.max(multiple, Math.round((side * grow) / multiple) * multiple)
  return { width: whole(frame.width), height: whole(frame.height) }
}

/** Moves or resizes the frame: under the hand it is only shown, when the hand leaves it is one edit. */
export function documentFrame(frame: Frame, isDone: boolean): void {
  if (!isDone) {
    useCanvas.setState({ frame })
    return
  }
  useCanvas.setState({ frame: undefined })
  setFrame(frame)
}

/** Sets the frame, and the size of the next picture where its proportion is another one. */
export function setFrame(frame: Frame): void {
  const before = documentNow().frame
  const isSame = (['x', 'y', 'width', 'height'] as const).every(side => frame[side] === before[side])
  if (isSame) return
  const { model } = formNow()
  const next = nextSize()
  const isResized = frame.width !== before.width || frame.height !== before.height
  asOneStep(() => {
    if (isResized && next !== undefined && model?.defaults !== undefined) {
      const { width, height } = workingSize(frame, model.defaults, frameMultiple())
      endEdit()
      edit('frame', { values: { ...useStudio.getState().draft.values, width, height } })
      endEdit()
    }
    // A document without layers has no place of its own: it is where its frame is.
    if (keptDocument().layers.length > 0) {
      void change({ label: 'Frame', changes: [{ type: 'set-document', fields: { frame } }] })
    }
  })
}

export function frameToPicture(): void {
  const { width, height } = documentNow()
  const multiple = frameMultiple()
  const whole = (side: number) => Math.max(multiple, Math.floor(side / multiple) * multiple)
  setFrame({ x: 0, y: 0, width: whole(width), height: whole(height) })
}

/** Around the mask, with room, in the frame's own proportion. */
export function frameToMask() {
  const mask = maskNow()
  withPixels([mask], () => frameAround(mask === undefined ? noCoverage : coverageOf(mask)))
}

function frameAround(covered: Coverage) {
  if (isEmpty(covered)) return say(t('There is no mask yet. Paint one with the mask brush.'))
  const { frame } = documentNow()
  const multiple = frameMultiple()
  const share = Math.max(covered.width / frame.width, covered.height / frame.height) * 1.5
  const whole = (side: number) => Math.max(multiple, Math.ceil((side * share) / multiple) * multiple)
  const [width, height] = [whole(frame.width), whole(frame.height)]
  const [x, y] = [covered.x + covered.width / 2 - width / 2, covered.y + covered.height / 2 - height / 2]
  setFrame(outward({ x: Math.round(x), y: Math.round(y), width, height }))
}

/** Moves the frame with the keys. */
export function nudgeFrame(dx: number, dy: number): void {
  const { frame } = documentNow()
  setFrame({ ...frame, x: frame.x + dx, y: frame.y + dy })
}
