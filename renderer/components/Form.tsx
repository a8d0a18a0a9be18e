import type { ComponentProps } from 'react'

interface Props extends Omit<ComponentProps<'form'>, 'onSubmit'> {
  readonly onSubmit: () => void
}

/** Fields that are sent together, by a button or the Enter key; the page stays where it is. */
export const Form = ({ onSubmit, ...others }: Props) => (
  <form
    {...others}
    onSubmit={event => {
      event.preventDefault()
      onSubmit()
    }}
  />
)
