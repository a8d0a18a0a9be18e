import { type ComponentProps, useLayoutEffect, useRef } from 'react'

interface Props extends ComponentProps<'textarea'> {
  /** Grows up to this many lines, then scrolls. */
  readonly lines: number
}

/** A text area that is as high as its text. Chromium 114 has no `field-sizing`, so its height follows its content by hand. */
export function Growing({ lines, value, ref, ...rest }: Props) {
  const own = useRef<HTMLTextAreaElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text is what changes the height
  useLayoutEffect(() => {
    const area = own.current
    if (area === null) return
    const measure = () => {
      const { lineHeight, paddingTop, paddingBottom } = getComputedStyle(area)
      const padding = Number.parseFloat(paddingTop) + Number.parseFloat(paddingBottom)
      area.style.height = 'auto'
      const most = Number.parseFloat(lineHeight) * lines + padding
      area.style.height = `${Math.min(area.scrollHeight, most)}px`
      area.style.overflowY = area.scrollHeight > most ? 'auto' : 'hidden'
    }
    measure()
    let width = area.clientWidth
    const observer = new ResizeObserver(() => {
      if (area.clientWidth === width) return
      width = area.clientWidth
      measure()
    })
    observer.observe(area)
    return () => observer.disconnect()
  }, [value, lines])
  return (
    <textarea
      {...rest}
      rows={1}
      value={value}
      ref={element => {
        own.current = element
        if (typeof ref === 'function') ref(element)
        else if (ref) ref.current = element
      }}
    />
  )
}
