"""What is not as usual in the product that tests share, so that they take less time."""

from shared.embedded.postgres import PostgresServer
from shared.testing.product import Product
from tests.conftest import MakePerson


async def test_its_passwords_are_hashed_with_the_least_memory(product: Product, person: MakePerson) -> None:
    await person("ann")
    server = PostgresServer(product.data_dir / "postgres", product.data_dir / "run" / "postgres")
    costs = server.execute("SELECT DISTINCT split_part(password, '$', 4) FROM auth.users", "duet")
    assert costs.split() == ["m=8,t=1,p=1"]
