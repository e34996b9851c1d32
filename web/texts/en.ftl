### What people read on the pages, in English. Every id is in all four languages; `npm test` sees to it.

language = Language
loading = One moment
you = You
somebody = your personal shopper
the-customer = your customer
try-again = Try again
never-mind = Never mind

title-loading = One moment
title-sign_in = Sign in
title-ready = Before the call
title-waiting = Waiting
title-call = Call
title-survey = Your opinion
title-thanks = Thank you
title-over = The call
title-trouble = The call

sign-in = Welcome back
sign-in-kind = For the team
sign-in-email = E-mail
sign-in-password = Password
sign-in-do = Sign in

ready-kind-customer = Your personal appointment
ready-kind-shopper = A customer's call
ready-title-customer = Ready when you are
ready-title-live = { $name } is waiting for you
ready-title-scheduled = Your appointment
ready-title-shopper = { $name } would like to see you
ready-about = About: { $product }
preview = Preview of your camera
preview-comes-here = Your picture appears here. Nobody else sees it yet.
camera-is-off = Your camera is off
your-picture = Your own picture

permission-why = Your browser will ask you for two things. This is what they are for.
permission-camera = Camera: so that you can be seen. You may switch it off at any time.
permission-microphone = Microphone: so that you can be heard. You may mute it at any time.
permission-yours = Nothing is sent before you join.
permission-allow = Continue with camera
permission-sound-only = Without camera
permission-none = Only look, listen and write

device-camera = Camera
device-microphone = Microphone
device-speaker = Loudspeaker
device-number = Device { $number }
level = Level of your microphone

failure-both = Camera and microphone are not available.
failure-camera = The camera is not available.
failure-microphone = The microphone is not available.
failure-permission_denied = Your browser has blocked it. Allow it beside the address above, then try again; or join without.
failure-device_missing = None was found. Connect one and try again; or join without.
failure-device_in_use = Another program is using it. Close that program and try again; or join without.

consent-privacy = Privacy policy
consent-terms = Terms
come-in-join = Join the call
come-in-take = Take this call
come-in-start = Start the call

waiting-kind = In the queue
waiting-kind-claimed = In a moment
waiting-soon = You will be attended to shortly
waiting-next = You are next
waiting-place = Your place in the queue
waiting-ahead = { $ahead ->
    [one] One person is ahead of you.
   *[other] { $ahead } people are ahead of you.
}
waiting-stay = Stay on this page. The call begins by itself.
waiting-estimate = { $minutes ->
    [one] About one minute
   *[other] About { $minutes } minutes
}
waiting-open-at = From { $at } on somebody will be here.
waiting-claimed = { $name } is on the way
waiting-claimed-more = The call begins by itself.
waiting-write = Write meanwhile
waiting-leave = Leave the queue

call-with = Call with { $name }
controls = Controls of the call
mute = Mute
unmute = Unmute
camera-turn-off = Switch camera off
camera-turn-on = Switch camera on
camera-switch = Other camera
share = Share your screen
share-stop = Stop sharing
you-share = You are sharing your screen
shares-screen = shares the screen
pip = Picture in picture
chat = Chat
chat-unread = { $count ->
    [one] Chat, one new message
   *[other] Chat, { $count } new messages
}
products = Products
people = People
devices = Devices
panel-close = Close
end = End the call
end-title = End the call?
end-what = It ends for { $name } too.
end-yes = End the call
end-leave = Leave without ending it
people-joined = { $name } has joined
people-left = { $name } has left
end-no = Stay
hear = Turn the sound on
is-recorded = Recording
is-muted = muted
is-heard = microphone on
is-seen = camera on
is-unseen = camera off
picture-of = Picture of { $name }
screen-of = Screen of { $name }
kind-customer = Customer
kind-shopper = Personal shopper

tape-start = Record the call
tape-stop = Stop recording
tape-title = May this call be recorded?
tape-what = { $name } would like to record it. The call goes on either way.
tape-yes = It may be recorded
tape-no = No, thank you
tape-asked = The customer is being asked
tape-declined = The customer does not want the call to be recorded
tape-begins = The call is being recorded from now on
tape-ends = The recording has stopped
tape-agree = I agree that this call is recorded. (It takes place without, too.)

link-connecting = Connecting…
link-reconnecting = The connection was lost. We are bringing you back…
live-lost = Connecting again…
alone = { $name } will be here in a moment
link-failure-ice_failed = No way to the other side was found. We keep trying; another network may help.
link-failure-dtls_failed = No secure connection could be made. We keep trying.
link-failure-timeout = There is no answer. We keep trying.
link-failure-bad_offer = This call cannot be joined now.
link-failure-room_full = This call is full.
link-failure-permission_denied = Your browser does not allow it.
link-failure-device_missing = A device is missing.
link-failure-device_in_use = A device is being used by another program.

chat-log = What was written
chat-empty = Nothing has been written yet.
chat-write = Write a message
chat-send = Send
chat-typing = Writing…
file = File
file-send = Send a file
file-too-large = A file may have { $max } at most.
file-not-to-be-had = The file cannot be opened now.
message-sending = Sending…
message-failed = Not sent.
message-erased = This message was erased.

products-shown = Shown in this call
products-none-customer = What you are shown appears here.
products-none-shopper = Nothing has been shown yet.
product-new = Show a product
product-name = Name
product-sku = Reference
product-price = Price ({ $currency })
product-image = Address of a picture
product-variants = Sizes or colours, one a line: reference = name
variant = Size or colour
product-show = Show to the customer
product-show-again = Show again
product-failed = It could not be shown. Look at what you wrote and try again.
price-on-request = Price on request
cart = Bag
cart-empty = The bag is empty.
cart-total = Total
cart-add = Add to bag
cart-added = In the bag
cart-failed = The bag could not be changed. Try again.
quantity = Quantity of { $product }
quantity-less = One less
quantity-more = One more

notice-product-shown = A product is being shown to you
notice-product-sent = The customer sees it now
notice-cart-added = { $product } is in your bag
notice-cart-added-by-customer = The customer has put something into the bag
copy-link = Copy the link
copy-link-what = It lets whoever has it take part in this call as the customer.
link-copied = The link has been copied
link-not-copied = The link could not be copied

survey-kind = Two questions
survey-title = How likely are you to recommend { $shop } to a friend?
survey-least = Not at all likely
survey-most = Extremely likely
survey-face = And how was the call?
survey-comment = Anything you would like to tell { $name }?
survey-send = Send
survey-skip = Skip
thanks = Thank you
thanks-more = It was a pleasure. { $shop } hopes to see you again soon.

over-ended = The call has ended
over-ended-customer = Thank you for your visit.
over-ended-shopper = What happened in it is in its history.
over-lasted = It lasted { $time }.
over-cancelled = The call was cancelled
over-cancelled-customer = You may ask for another one in the shop at any time.
over-cancelled-shopper = The customer does not wait any more.
over-no_agent = Nobody could come
over-no_agent-customer = We are sorry. You may ask for another call in the shop at any time.
over-no_agent-shopper = The customer does not wait any more.
over-taken = A colleague has taken this call
over-taken-customer = You may close this page.
over-taken-shopper = You may close this page.

trouble-link = This link opens nothing any more
trouble-link-more = It was good for one call only. You may ask for another one in the shop.
trouble-not_found = There is no such call
trouble-not_found-more = Look whether the whole address was copied.
trouble-not_allowed = This call is not open to you
trouble-not_allowed-more = Whoever administers your account can change that.
trouble-unreachable = The server cannot be reached
trouble-unreachable-more = Look whether you are connected to the internet.
trouble-browser = This browser cannot hold a video call
trouble-browser-more = Open the link in a recent browser, over a secure address.
refusal-unreachable = There is no answer. Try again in a moment.

floor-title = The floor
floor-kind = Today
floor-waiting = Waiting now
floor-mine = Your calls
floor-nobody = Nobody is waiting.
floor-none = You hold no call.
floor-take = Open
floor-since = since { $at }
floor-sign-out = Sign out
floor-private = A private call
floor-private-make = Make a call
floor-trial = Trial
floor-trial-make = Just a trial: it appears in no report
floor-name = Customer's name
floor-email = Customer's e-mail

recording-title = Recording
recording-none = There is no recording of this call.
recording-play = Play
recording-pause = Pause
recording-seek = Position
recording-not-ready = It is not ready yet.
recording-lost = It was lost.

ratings-title = How customers liked it
ratings-period = The last 90 days
ratings-none = No ratings yet.
ratings-satisfied = Satisfied
ratings-neutral = Neutral
ratings-dissatisfied = Dissatisfied
ratings-count = { $count ->
    [one] { $count } rating
   *[other] { $count } ratings
  }
ratings-served = By who served
ratings-latest = Newest ratings
ratings-gone = Who has left the shop
ratings-all = All channels
ratings-no-channel = This shop shows no ratings.
ratings-not-public = These ratings are not public.
