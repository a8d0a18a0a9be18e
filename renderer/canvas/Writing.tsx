import { useEffect, useRef } from 'react'
import { isOfKind, type StudioDocument } from '../../app/api/documents.ts'
import { t } from '../language/language.ts'
import { useCanvas } from './actions/canvas-state.ts'
import { endWriting, setText } from './actions/writing.ts'
import { followed } from './raster/affine.ts'
import { familyOf, vectorBounds } from './raster/vector.ts'
import type { View } from './viewport.ts'

interface Props {
  readonly document: StudioDocument
  readonly view: View
}

/** Where a text is typed: the caret and the selection. The letters are those that the canvas draws below it. */
export function Writing({ document, view }: Props) {
  const writing = useCanvas(state => state.writing)
  const layer = document.layers.find(({ id }) => id === writing)
  const input = useRef<HTMLTextAreaElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: each text takes the focus when its writing begins
  useEffect(() => {
    // After the press that began it: that one gives the focus to the canvas.
    const timer = setTimeout(() => {
      input.current?.focus({ preventScroll: true })
      input.current?.setSelectionRange(input.current.value.length, input.current.value.length)
    })
    return () => clearTimeout(timer)
  }, [writing])
  if (layer === undefined || !isOfKind(layer, 'text')) return null
  const { settings } = layer
  const { x, width, height } = vectorBounds(layer)
  const room = settings.size
  const left = settings.align === 'left' ? x : settings.align === 'center' ? x - room / 2 : x - room
  const [a, b, c, d, e, f] = followed(layer.transform, [view.scale, 0, 0, view.scale, view.x, view.y])
  return (
    <textarea
      ref={input}
      className="writing"
      aria-label={t('Text')}
      spellCheck={false}
      wrap="off"
      value={settings.text}
      style={{
        transform: `matrix(${a}, ${b}, ${c}, ${d}, ${e}, ${f}) translateX(${left}px)`,
        width: width + room,
        height: Math.max(height, settings.size * settings.lineHeight),
        font: `${settings.isItalic ? 'italic ' : ''}${settings.weight} ${settings.size}px/${settings.lineHeight} ${familyOf(settings.font)}`,
        textAlign: settings.align,
        caretColor: settings.colour,
        // As thin on the screen at any scale.
        outlineWidth: 1 / Math.sqrt(Math.abs(a * d - b * c)),
      }}
      onChange={event => setText({ text: event.target.value })}
      onKeyDown={event => {
        if (event.key !== 'Escape' && !(event.key === 'Enter' && (event.ctrlKey || event.metaKey))) return
        event.preventDefault()
        event.stopPropagation()
        endWriting()
        event.currentTarget.closest<HTMLElement>('.stage')?.focus({ preventScroll: true })
      }}
      data-testid="writing"
    />
  )
}
