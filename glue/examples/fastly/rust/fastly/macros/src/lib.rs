use proc_macro::TokenStream;

/// The function it is on answers the one request that the sandbox was started for.
#[proc_macro_attribute]
pub fn main(_: TokenStream, handler: TokenStream) -> TokenStream {
    let main = format!(
        "fn main() -> Result<(), ::fastly::Error> {{
            {handler}
            main(::fastly::Request::from_client())?.send_to_client();
            Ok(())
        }}"
    );
    main.parse().expect("a function is around a function")
}
